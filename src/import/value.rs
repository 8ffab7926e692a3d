//! An estate as an environment file holds it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    Estate, EstateKey, EstateMember, EstateOrganization, EstatePolicy, EstatePrincipal,
    EstateVpcEndpoint,
};
use crate::document::Source;
use crate::environment::Part;

impl Estate {
    pub(super) fn to_value(&self, document: &dyn Fn(&Arc<Source>) -> Value) -> Value {
        let policy = |policy: &EstatePolicy| policy.to_value(document);
        let mut file = Members::default();
        file.text("account", self.account.as_ref());
        file.text("region", self.region.as_ref());
        file.text("partition", self.partition.as_ref());
        file.map("principals", &self.principals, |it| it.to_value(&policy));
        file.map(
            "groups",
            &self.groups,
            |it| json!({"identity_policies": it.iter().map(policy).collect::<Vec<_>>()}),
        );
        let keys = self.keys.iter().map(|(name, key)| (name.clone(), key.to_value(&policy)));
        file.0.insert("keys".into(), Value::Object(keys.collect()));
        file.value("organization", self.organization.as_ref().map(|it| it.to_value(&policy)));
        file.map("vpc_endpoints", &self.vpc_endpoints, |it| it.to_value(&policy));
        Value::Object(file.0)
    }
}

impl EstatePolicy {
    fn to_value(&self, document: &dyn Fn(&Arc<Source>) -> Value) -> Value {
        match self {
            Self::Document(source) => document(source),
            Self::BuiltIn(name) => (*name).into(),
            Self::Unknown(reason) => json!({"unknown": reason}),
        }
    }
}

/// A policy as it stands in the file.
type Written<'a> = &'a dyn Fn(&EstatePolicy) -> Value;

impl EstatePrincipal {
    fn to_value(&self, policy: Written<'_>) -> Value {
        let mut file = Members::default();
        file.text("id", self.id.as_ref());
        file.list("identity_policies", &self.identity_policies, policy);
        file.value("permissions_boundary", self.permissions_boundary.as_ref().map(policy));
        file.map("tags", &self.tags, |value| value.as_str().into());
        file.list("groups", &self.groups, |name| name.as_str().into());
        file.unknown(&self.unknown);
        Value::Object(file.0)
    }
}

impl EstateKey {
    fn to_value(&self, policy: Written<'_>) -> Value {
        let mut file = Members::default();
        file.text("arn", self.arn.as_ref());
        file.text("id", self.id.as_ref());
        file.list("aliases", &self.aliases, |name| name.as_str().into());
        for (name, value, default) in [
            ("spec", &self.spec, "SYMMETRIC_DEFAULT"),
            ("usage", &self.usage, "ENCRYPT_DECRYPT"),
            ("origin", &self.origin, "AWS_KMS"),
            ("manager", &self.manager, "CUSTOMER"),
            ("state", &self.state, "Enabled"),
        ] {
            file.text(name, value.as_ref().filter(|value| *value != default));
        }
        file.text("multi_region", self.multi_region.as_ref());
        file.map("tags", &self.tags, |value| value.as_str().into());
        file.value("policy", self.policy.as_ref().map(policy));
        file.list("grants", &self.grants, |grant| grant.written.clone());
        file.unknown(&self.unknown);
        Value::Object(file.0)
    }
}

impl EstateOrganization {
    fn to_value(&self, policy: Written<'_>) -> Value {
        let mut file = Members::default();
        file.text("id", self.id.as_ref());
        file.text("management_account", self.management_account.as_ref());
        file.map("accounts", &self.accounts, |it| it.to_value(policy));
        Value::Object(file.0)
    }
}

impl EstateMember {
    fn to_value(&self, policy: Written<'_>) -> Value {
        let level = |level: &Vec<EstatePolicy>| level.iter().map(policy).collect();
        let mut file = Members::default();
        file.list("ou_path", &self.ou_path, |name| name.as_str().into());
        file.list("service_control_policies", &self.service_control_policies, level);
        file.list("resource_control_policies", &self.resource_control_policies, level);
        Value::Object(file.0)
    }
}

impl EstateVpcEndpoint {
    fn to_value(&self, policy: Written<'_>) -> Value {
        let mut file = Members::default();
        file.text("vpc", self.vpc.as_ref());
        file.value("policy", self.policy.as_ref().map(policy));
        Value::Object(file.0)
    }
}

/// The members of an object, without those that say nothing.
#[derive(Default)]
struct Members(Map<String, Value>);

impl Members {
    fn value(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value);
        }
    }

    fn text(&mut self, name: &str, text: Option<&impl ToString>) {
        self.value(name, text.map(|text| text.to_string().into()));
    }

    fn list<T>(&mut self, name: &str, items: &[T], value: impl Fn(&T) -> Value) {
        let items = (!items.is_empty()).then(|| items.iter().map(value).collect());
        self.value(name, items);
    }

    fn unknown(&mut self, parts: &BTreeSet<Part>) {
        let names = parts.iter().map(|part| Value::from(part.as_str())).collect();
        self.value("unknown", (!parts.is_empty()).then_some(Value::Array(names)));
    }

    fn map<T>(&mut self, name: &str, items: &BTreeMap<String, T>, value: impl Fn(&T) -> Value) {
        let items = items.iter().map(|(name, item)| (name.clone(), value(item)));
        self.value(name, (items.len() > 0).then(|| Value::Object(items.collect())));
    }
}
