//! What an attribute may name whose value is not known.

use std::rc::Rc;

use super::configuration::Origin;
use super::resource::Resource;
use super::scene::Scene;
use super::slot::Setting;

impl<'a> Scene<'a> {
    /// The addresses of what an attribute may name whose value is not known: what its expression
    /// refers to, if it refers to nothing else; otherwise all. It is the same for all instances
    /// of a block.
    pub(super) fn candidates(
        &self,
        it: &Resource<'a>,
        attribute: &str,
        kinds: &[&str],
    ) -> Rc<[String]> {
        let place = (it.module.clone(), it.block.clone(), attribute.to_owned());
        if let Some(found) = self.candidates.borrow().get(&place) {
            return found.clone();
        }
        let found = self
            .referred_to(it, attribute, kinds)
            .unwrap_or_else(|| self.world.of_kinds(kinds).map(|it| it.address.clone()).collect());
        self.candidates.borrow_mut().insert(place, found.clone());
        found
    }

    fn referred_to(
        &self,
        it: &Resource<'a>,
        attribute: &str,
        kinds: &[&str],
    ) -> Option<Rc<[String]>> {
        let Setting::Set(expression) = it.slot(attribute).setting else { return None };
        let origins = self.configuration.origins(expression, &it.module);
        let mut found = Vec::new();
        for origin in &origins {
            match origin {
                Origin::Value(_) | Origin::OwnKey => {}
                Origin::Opaque(_) => return None,
                Origin::Resource(refers) => {
                    let targets = self.instances(refers);
                    if targets.is_empty() || targets.iter().any(|it| !kinds.contains(&&*it.kind)) {
                        return None;
                    }
                    found.extend(targets.iter().map(|it| it.address.clone()));
                }
            }
        }
        (!found.is_empty()).then(|| found.into())
    }
}
