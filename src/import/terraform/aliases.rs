//! Aliases of keys.

use super::keys::{Keys, Named};
use super::resource::Resource;
use super::scene::Scene;
use super::wanted::Wanted;
use super::whose::Unclear;
use crate::document::InputError;
use crate::environment::{Key, Part};
use crate::text::{Printable, Quoted, shell_word};

impl<'a> Scene<'a> {
    pub(super) fn aliases(&self, keys: &mut Keys) -> Result<(), InputError> {
        let mut unclear = Unclear::default();
        for it in self.world.of_kinds(&["aws_kms_alias"]) {
            let name = self.alias_name(it).or_else(|it| it.references().map(|_| None))?;
            let named = self.named_key(it, "target_key_id")?;
            let left_out =
                |why: &str| self.note(format!("{} is left out: {why}", Quoted(&it.address)));
            if let Named::OneOf(candidates, references) = named {
                unclear.add(it, "target_key_id", (candidates, references));
                continue;
            }
            match (name, named) {
                (None, named) => {
                    let address = format!("{}.name", it.address);
                    left_out(&format!(
                        "its name is known after apply; give it with --assume {}=…",
                        shell_word(&Printable(&address).to_string())
                    ));
                    if let Named::One(key) = named {
                        keys.entry(key.address.clone())
                            .and_modify(|key| key.unknown.extend([Part::Aliases]));
                    }
                }
                (Some(name), _) if !Key::is_alias(&name) => {
                    let at = self.slot(it, "name").value.unwrap_or(it.at);
                    return Err(it.wrong(at, "name", "an alias such as `alias/app`"));
                }
                (Some(name), Named::One(key)) => {
                    keys.entry(key.address.clone()).and_modify(|key| key.aliases.push(name));
                }
                (Some(_), Named::Elsewhere(text)) => {
                    left_out(&format!("its key {} is not in the document", Quoted(&text)));
                }
                (Some(_), Named::OneOf(..)) => {}
            }
        }
        self.open_parts(keys, unclear, Part::Aliases, "; the alias is left out");
        Ok(())
    }

    pub(super) fn key_by_alias(&self, text: &str) -> Option<&'a Resource<'a>> {
        if !text.contains("alias/") {
            return None;
        }
        let aliases = self.aliases.get_or_init(|| {
            let aliases = self.world.of_kinds(&["aws_kms_alias"]);
            let named = |it| Some((self.alias_name(it).ok().flatten()?, it));
            aliases.filter_map(named).collect()
        });
        let name = text.rsplit_once(":alias/").map_or(text, |(_, name)| name);
        let name = format!("alias/{}", name.strip_prefix("alias/").unwrap_or(name));
        let alias = *aliases.get(&name)?;
        let target = self.text(alias, "target_key_id", Wanted::Key).ok().flatten()?;
        self.key_by(&target, alias)
    }
}
