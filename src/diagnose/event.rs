use std::net::IpAddr;

use serde_json::{Map, Value};

use super::failure::Failure;
use super::incident::{Call, Denial, Incident, Named, Resource, Said, Via, is_key_arn};
use super::message::Message;
use super::parameters;
use super::plain::Plain;
use super::trail::text;
use crate::evaluate::Side;
use crate::kms::{Action, Asked, Service};
use crate::request::{Entry, is_service_principal};

/// What became of an event that is read.
#[derive(Debug)]
pub(super) enum Read {
    /// A call of KMS.
    Incident(Box<Incident>),
    /// An event of KMS that is no API call, or of an operation that no policy decides.
    Internal,
    /// An event of KMS that does not tell what became of the call.
    Unreadable,
    /// An event of another service, which is named.
    Other(String),
}

type Event = Map<String, Value>;

impl Read {
    /// Reads an event of KMS, or one of another service that KMS denied.
    pub(super) fn event(event: &Event) -> Self {
        let source = text(event, "eventSource").unwrap_or_default();
        if source == "kms.amazonaws.com" {
            return own(event);
        }
        match through(event, source) {
            Some(incident) => Self::Incident(Box::new(incident)),
            None => Self::Other(source.to_owned()),
        }
    }
}

/// An event that KMS wrote.
fn own(event: &Event) -> Read {
    let message = text(event, "errorMessage");
    let told = message.and_then(|text| Message::all(&Plain::of(text)).into_iter().next());
    let Some(said) = said(event, told.as_ref(), message) else { return Read::Unreadable };
    let name = text(event, "eventName").unwrap_or_default();
    let Ok(asked) = Asked::parse(name) else {
        return if said == Said::Succeeded { Read::Internal } else { Read::Unreadable };
    };
    let is_success = said == Said::Succeeded;
    let mut incident = Incident {
        said,
        call: Call { asked: Some(asked), ..Call::default() },
        message: message.map(str::to_owned),
        notes: Vec::new(),
    };
    let action = told.as_ref().and_then(|told| Action::parse(&told.action).ok());
    incident.call.action = action.or(match asked {
        Asked::Permission(action) => Some(action),
        Asked::ReEncrypt | Asked::Service(_) => None,
    });
    identity(&mut incident, event, told.as_ref());
    if is_success && incident.call.caller.is_none() {
        return Read::Internal;
    }
    let told = told.map(|told| told.resource);
    incident.call.named_alias = alias_of_half(&incident.call, told.as_ref());
    keys(&mut incident.call, event, told);
    request_parameters(&mut incident.call, event);
    connection(&mut incident, event);
    Read::Incident(Box::new(incident))
}

/// An event of a service whose call of KMS was denied, if its message says so.
fn through(event: &Event, source: &str) -> Option<Incident> {
    let message = text(event, "errorMessage")?;
    let all = Message::all(&Plain::of(message));
    let told = all.into_iter().find(|told| Asked::parse(&told.action).is_ok())?;
    let action = Action::parse(&told.action).ok();
    let mut incident = Incident {
        said: Said::Denied(told.named.clone()),
        call: Call { action, resource: told.resource.clone(), ..Call::default() },
        message: Some(message.to_owned()),
        notes: Vec::new(),
    };
    identity(&mut incident, event, Some(&told));
    // Who calls as itself, or as another, is not who called the service.
    if told.caller.is_some() && told.caller != incident.call.caller {
        incident.call =
            Call { caller: told.caller, action, resource: told.resource, ..Call::default() };
    }
    incident.call.via = service(source).map_or(Via::Hidden, |name| Via::Service(name.to_owned()));
    incident.call.at = text(event, "eventTime").map(str::to_owned);
    Some(incident)
}

/// What became of the call; none if the event does not tell. A message that says it is not
/// authorized decides, whatever code it comes with.
///
/// Source: [VPC endpoint events](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html)
fn said(event: &Event, told: Option<&Message>, message: Option<&str>) -> Option<Said> {
    let is_silent = |name: &str| event.get(name).is_none_or(Value::is_null);
    let code = text(event, "errorCode");
    let by_endpoint =
        Named::Side { side: Side::VpcEndpointPolicy, denial: Denial::Unsaid, policy: None };
    let is_of_endpoint = message.is_some_and(|text| text.contains("VPC endpoint policy"));
    Some(match (code, told) {
        (Some("VpceAccessDenied"), _) => Said::Denied(by_endpoint),
        (_, Some(told)) => Said::Denied(told.named.clone()),
        (Some("AccessDenied" | "AccessDeniedException"), None) if is_of_endpoint => {
            Said::Denied(by_endpoint)
        }
        (Some("AccessDenied" | "AccessDeniedException"), None) => Said::Denied(Named::Nothing),
        (Some(code), None) => Said::Failed(Failure::of(code)),
        (None, None) if is_silent("errorCode") && is_silent("errorMessage") => Said::Succeeded,
        (None, None) => return None,
    })
}

/// What an event says of who called.
///
/// Source: [userIdentity](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html)
#[derive(Default)]
struct Identity<'e> {
    kind: &'e str,
    arn: Option<&'e str>,
    account: &'e str,
    /// The unique id, with that of the session.
    id: &'e str,
    /// The role or user that the session was issued by.
    issuer: Option<&'e str>,
    mfa: Option<bool>,
    invoked_by: Option<&'e str>,
}

impl<'e> Identity<'e> {
    fn of(event: &'e Event) -> Self {
        let Some(identity) = event.get("userIdentity").and_then(Value::as_object) else {
            return Self::default();
        };
        let session = identity.get("sessionContext");
        let of_session = |member: &str, name: &str| {
            session?.get(member)?.get(name)?.as_str().filter(|text| !text.is_empty())
        };
        Self {
            kind: text(identity, "type").unwrap_or_default(),
            arn: text(identity, "arn"),
            account: text(identity, "accountId").unwrap_or_default(),
            id: text(identity, "principalId").unwrap_or_default(),
            issuer: of_session("sessionIssuer", "arn"),
            mfa: of_session("attributes", "mfaAuthenticated").map(|text| text == "true"),
            invoked_by: text(identity, "invokedBy"),
        }
    }
}

/// Who called.
fn identity(incident: &mut Incident, event: &Event, told: Option<&Message>) {
    let identity = Identity::of(event);
    let call = &mut incident.call;
    call.caller = match identity.kind {
        "AWSService" => identity.invoked_by.filter(|name| is_service_principal(name)),
        _ => identity.arn,
    }
    .map(str::to_owned)
    .or_else(|| told?.caller.clone());
    let caller = call.caller.as_deref().unwrap_or_default();
    let issuer = identity.issuer.map(str::to_owned);
    if caller.contains(":assumed-role/") {
        call.role = issuer.filter(|arn| arn.contains(":role/"));
    } else if caller.contains(":federated-user/") {
        call.issued_by = issuer.filter(|arn| arn.contains(":user/"));
    }
    match identity.mfa {
        Some(_) if caller.contains(":sts:") => call.mfa = identity.mfa,
        // A user has it in temporary credentials only, and long-term keys do not say.
        Some(true) => {
            call.context.push(("aws:MultiFactorAuthPresent".to_owned(), Entry::value("true")));
        }
        Some(false) | None => {}
    }
    if call.caller.is_none() && identity.kind == "AWSAccount" {
        let account = identity.account;
        call.caller = Some(format!("account {account}, {}", identity.id));
        incident.notes.push(format!(
            "the event tells only the account of the caller, {account}: the trail of that account has its ARN"
        ));
    }
}

/// The alias, where the message names that and not the key.
fn alias_of_half(call: &Call, told: Option<&Resource>) -> Option<String> {
    match told {
        Some(Resource::Arn(arn)) if call.is_about_alias() && !is_key_arn(arn) => Some(arn.clone()),
        _ => None,
    }
}

/// The keys and aliases of the request, and what they were called by.
fn keys(call: &mut Call, event: &Event, told: Option<Resource>) {
    let listed = event.get("resources").and_then(Value::as_array);
    let listed = listed.into_iter().flatten().filter_map(Value::as_object);
    let arns = listed.filter_map(|resource| text(resource, "ARN").or(text(resource, "arn")));
    let keys: Vec<&str> = arns.filter(|arn| is_key_arn(arn)).collect();
    let empty = Map::new();
    let sent = event.get("requestParameters").and_then(Value::as_object).unwrap_or(&empty);
    let named = ["keyId", "sourceKeyId", "targetKeyId"].iter().find_map(|name| text(sent, name));
    let is_second = call.action.is_some_and(|action| action.short_name() == "ReEncryptTo");
    let destination = match &told {
        Some(Resource::Arn(arn)) if is_second && is_key_arn(arn) => Some(arn.as_str()),
        _ => text(sent, "destinationKeyId"),
    };
    let is_destination = |arn: &&&str| {
        destination.is_some_and(|key| **arn == key || arn.ends_with(&format!("/{key}")))
    };
    let second = keys.iter().find(is_destination).copied();
    let first = keys.iter().copied().find(|arn| Some(*arn) != second).or(second);
    if matches!(call.asked, Some(Asked::ReEncrypt)) {
        call.destination_key = second.or(destination).map(str::to_owned);
    }
    let by_name = named.filter(|name| name.starts_with("arn:")).map(str::to_owned);
    let own = first.map(str::to_owned).or(by_name).map(Resource::Arn);
    // Of the two halves the message names the second key; the call is about the first.
    let has_no_key = call.action.is_some_and(|action| !action.needs_key());
    call.resource = match (own, told) {
        _ if has_no_key => Resource::Everything,
        (Some(own), _) => own,
        (None, Some(told)) if !is_second && call.named_alias.is_none() => told,
        (None, _) => Resource::Unsaid,
    };
    let alias = named.map(|name| name.rsplit_once(':').map_or(name, |(_, last)| last));
    call.alias = alias.filter(|name| name.starts_with("alias/")).map(str::to_owned);
    if let (Resource::Unsaid, Some(named), None) = (&call.resource, named, &call.alias) {
        call.resource = of_id(event, named);
    }
}

/// A bare id is one of the account and Region of the call.
fn of_id(event: &Event, id: &str) -> Resource {
    let account = Identity::of(event).account;
    let region = text(event, "awsRegion").unwrap_or_default();
    let partition = match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let arn = format!("arn:{partition}:kms:{region}:{account}:key/{id}");
    if is_key_arn(&arn) { Resource::Arn(arn) } else { Resource::Unsaid }
}

fn request_parameters(call: &mut Call, event: &Event) {
    let Some(sent) = event.get("requestParameters").and_then(Value::as_object) else { return };
    let Some(action) = call.asked.and_then(Asked::action) else { return };
    let (parameters, context) = parameters::of(action, sent);
    call.parameters = parameters;
    call.encryption_context = context;
}

/// How the call reached KMS: through a service, an endpoint, or from an address.
fn connection(incident: &mut Incident, event: &Event) {
    let identity = Identity::of(event);
    let address = text(event, "sourceIPAddress");
    let by_itself = identity.kind == "AWSService";
    let forwarded = identity.invoked_by.or(address.filter(|name| name.ends_with(".amazonaws.com")));
    let call = &mut incident.call;
    call.at = text(event, "eventTime").map(str::to_owned);
    if let Some(agent) = text(event, "userAgent") {
        call.context.push(("aws:UserAgent".to_owned(), Entry::value(agent)));
    }
    match forwarded {
        _ if by_itself => {}
        Some(name) => {
            call.via = via(name, call, &mut incident.notes);
            call.context.retain(|(name, _)| name != "aws:UserAgent");
        }
        None => {
            call.vpc_endpoint = text(event, "vpcEndpointId").map(str::to_owned);
            let address = address.filter(|text| text.parse::<IpAddr>().is_ok());
            let key = if call.vpc_endpoint.is_some() { "aws:VpcSourceIp" } else { "aws:SourceIp" };
            call.context.extend(address.map(|text| (key.to_owned(), Entry::value(text))));
        }
    }
}

/// The service of a name such as `secretsmanager.amazonaws.com`; where AWS hides it, that
/// which writes such an encryption context.
fn via(name: &str, call: &Call, notes: &mut Vec<String>) -> Via {
    if let Some(service) = service(name) {
        return Via::Service(service.to_owned());
    }
    let mut pairs = call.encryption_context.iter().flatten();
    let Some(service) = pairs.find_map(|(name, _)| writer(name)) else {
        notes.push(format!(
            "the call came through a service that the event does not name ({}): say which with --via",
            crate::text::Printable(name)
        ));
        return Via::Hidden;
    };
    notes.push(format!("the service is taken to be {service}, from the encryption context"));
    Via::Service(service.to_owned())
}

/// What stands before the Region, or the rest, in the name of a service.
fn service(name: &str) -> Option<&'static str> {
    let prefix = name.split('.').next().unwrap_or_default();
    Service::all().iter().map(|service| service.prefix).find(|known| *known == prefix)
}

/// The service that puts a pair of that name into encryption contexts.
fn writer(name: &str) -> Option<&'static str> {
    match name {
        "SecretARN" | "SecretVersionId" => Some("secretsmanager"),
        "PARAMETER_ARN" => Some("ssm"),
        "aws:ebs:id" => Some("ec2"),
        name => service(name.strip_prefix("aws:")?.split(':').next()?),
    }
}
