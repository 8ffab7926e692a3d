#!/bin/sh
# Collects what `kms-sim import aws` reads of an account, with read-only calls of the AWS CLI:
#
#   sh collect.sh FOLDER [REGION]...
#
# A call that fails leaves an empty file and, in FILE.error, what AWS said; what is missing is
# unknown to kms-sim and is told. It needs these permissions; those of organizations but
# DescribeOrganization are given in the management account or a delegated one only:
#
#   sts:GetCallerIdentity iam:GetAccountAuthorizationDetails ec2:DescribeVpcEndpoints
#   kms:ListKeys kms:ListAliases kms:DescribeKey kms:GetKeyPolicy kms:ListGrants
#   kms:ListResourceTags
#   organizations:DescribeOrganization organizations:ListParents organizations:DescribePolicy
#   organizations:ListPoliciesForTarget
set -u
folder=${1:?expected a folder to write to}
shift
[ $# -gt 0 ] || set -- "$(aws configure get region || echo us-east-1)"

# keep FILE COMMAND...: what the command prints, as JSON, into the file.
keep() {
  file=$folder/$1
  shift
  mkdir -p "$(dirname "$file")"
  if aws "$@" --output json >"$file" 2>"$file.error"; then
    rm -f "$file.error"
  else
    : >"$file"
    echo "failed: aws $*" >&2
  fi
}

keep caller.json sts get-caller-identity
keep organizations/organization.json organizations describe-organization
keep iam/authorization-details.json iam get-account-authorization-details

for region in "$@"; do
  keep "ec2/$region/vpc-endpoints.json" ec2 describe-vpc-endpoints --region "$region"
  keep "kms/$region/aliases.json" kms list-aliases --region "$region"
  keep "kms/$region/keys.json" kms list-keys --region "$region"
  for key in $(aws kms list-keys --region "$region" --query 'Keys[].KeyId' --output text); do
    keep "kms/$region/$key/describe-key.json" kms describe-key --key-id "$key" --region "$region"
    keep "kms/$region/$key/get-key-policy.json" kms get-key-policy --key-id "$key" --policy-name default --region "$region"
    keep "kms/$region/$key/list-grants.json" kms list-grants --key-id "$key" --region "$region"
    keep "kms/$region/$key/list-resource-tags.json" kms list-resource-tags --key-id "$key" --region "$region"
  done
done

# The policies of the organization over this account, from its root down; only where it may be
# asked. Elsewhere organization.json says that there may be some.
[ -s "$folder/organizations/organization.json" ] || exit 0
organization=$(aws organizations describe-organization --query 'Organization.[Id,MasterAccountId]' --output text 2>/dev/null) || exit 0
account=$(aws sts get-caller-identity --query Account --output text)
child=$account
path=$account
units=
above=unknown
while parent=$(aws organizations list-parents --child-id "$child" --query 'Parents[0].Id' --output text 2>/dev/null) && [ "$parent" != None ]; do
  path="$parent $path"
  units="$parent${units:+, $units}"
  child=$parent
  case $parent in r-*) above= && break ;; esac
done
[ -n "$units" ] || exit 0

# levels TYPE: a list of the policies of each level. What may not be asked is unknown; a level
# without any is one of an organization that does not use them.
levels() {
  [ -z "$above" ] || echo "      - [{unknown: aws organizations list-parents was refused for $child}]"
  for target in $path; do
    if ! policies=$(aws organizations list-policies-for-target --target-id "$target" --filter "$1" --query 'Policies[].Id' --output text); then
      echo "      - [{unknown: aws organizations list-policies-for-target was refused for $target}]"
      continue
    fi
    [ "$policies" != None ] || policies=
    for policy in $policies; do
      case $policy in p-FullAWSAccess | p-RCPFullAWSAccess) ;; *)
        keep "organizations/$policy.json" organizations describe-policy --policy-id "$policy" ;;
      esac
    done
    [ -z "$policies" ] || echo "      - [$(echo $policies | sed 's/ /, /g')]"
  done
}
mkdir -p "$folder/organizations"
{
  echo "id: $(echo $organization | cut -d' ' -f1)"
  echo "management_account: \"$(echo $organization | cut -d' ' -f2)\""
  echo "accounts:"
  echo "  \"$account\":"
  echo "    ou_path: [$units]"
  echo "    service_control_policies:"
  levels SERVICE_CONTROL_POLICY
  echo "    resource_control_policies:"
  levels RESOURCE_CONTROL_POLICY
} >"$folder/organizations/organization.yaml"
