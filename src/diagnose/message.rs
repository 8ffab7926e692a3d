use super::incident::{Denial, Named, Resource, is_key_arn};
use super::plain::Plain;
use crate::evaluate::Side;
use crate::kms::Asked;

/// What one message says, wherever in a text it stands.
///
/// Source: [Access denied messages](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html)
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// The caller, as it is printed; none where it was left out.
    pub(super) caller: Option<String>,
    /// What was called, with the prefix of its service.
    pub(super) action: String,
    pub(super) resource: Resource,
    pub(super) named: Named,
    /// Whether the text ends before the message does.
    pub(super) is_cut: bool,
}

/// More are not read from one text.
const MOST: usize = 1000;

impl Message {
    /// The messages of a text, each once.
    pub(super) fn all(plain: &Plain) -> Vec<Self> {
        let mut messages: Vec<Self> = Vec::new();
        for (start, end) in plain.all("isnotauthorizedtoperform:").take(MOST) {
            let message = Self::read(plain, start, end);
            if !message.action.is_empty() && !messages.contains(&message) {
                messages.push(message);
            }
        }
        messages
    }

    /// The message around the words that stand there.
    fn read(plain: &Plain, start: usize, end: usize) -> Self {
        let action = plain.word(end, is_of_action, |read, at| {
            read.len() <= LONGEST_ACTION
                && (!is_action(read)
                    || (1..=LONGEST_ENDING).any(|more| is_action(plain.slice(end, at + more))))
        });
        let (resource, at) = resource(plain, end + action.len());
        let Reason { named, is_cut } = Reason::read(plain, at);
        Self { caller: caller(plain, start), action: spelled(action), resource, named, is_cut }
    }
}

/// What stands between `User:` and `is not authorized`.
fn caller(plain: &Plain, end: usize) -> Option<String> {
    let user = plain.before(end, "user:")?;
    let start = user + "user:".len();
    let text = plain.slice(start, end);
    let is_name = !text.is_empty() && text.len() <= 2048 && !text.contains(['"', '\'', '<', '>']);
    (is_name && plain.is_one_word(start, end)).then(|| text.to_owned())
}

/// `PairWithoutPlaintext` and the like, where a line ends after `GenerateDataKey`.
const LONGEST_ENDING: usize = 24;

/// Longer than any action of KMS.
const LONGEST_ACTION: usize = 64;

fn is_of_action(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == ':'
}

fn is_action(text: &str) -> bool {
    text.contains(':') && Asked::parse(text).is_ok()
}

/// In AWS's spelling, if it is an action of KMS.
fn spelled(action: &str) -> String {
    let action = action.trim_end_matches(':');
    Asked::parse(action).map_or_else(|_| action.to_owned(), Asked::name)
}

/// The resource that stands there, and where it ends.
fn resource(plain: &Plain, at: usize) -> (Resource, usize) {
    if let Some(start) = plain.after(at, "onresource:").or_else(|| plain.after(at, "onresource")) {
        let text = arn(plain, start);
        let end = start + text.len();
        // A full stop or a comma ends the sentence, not the ARN.
        return (read_resource(text.trim_end_matches([',', '.', ':'])), end);
    }
    let told = [
        ("onthisresource", Resource::Undisclosed),
        ("ontheresourceassociatedwiththisciphertext", Resource::OfCiphertext),
    ];
    told.into_iter()
        .find_map(|(words, resource)| Some((resource, plain.after(at, words)?)))
        .unwrap_or((Resource::Unsaid, at))
}

fn read_resource(text: &str) -> Resource {
    let is_alias = |text: &str| {
        let arn = crate::arn::Arn::parse(text).ok();
        arn.is_some_and(|arn| {
            arn.service == "kms" && crate::environment::Key::is_alias(arn.resource)
        })
    };
    match text {
        "" => Resource::Unsaid,
        "*" => Resource::Everything,
        text if is_key_arn(text) || is_alias(text) => Resource::Arn(text.to_owned()),
        text => Resource::Illegible(text.to_owned()),
    }
}

/// An ARN, or what is left of one. It goes on after a line break if the reason comes before
/// any space does, or if it is whole only then.
fn arn(plain: &Plain, start: usize) -> &str {
    let is_of_arn = |c: char| c.is_alphanumeric() || "-_/:.*+=,@{}$~…".contains(c);
    if let Some(end) = reason_ahead(plain, start).filter(|end| plain.is_one_word(start, *end)) {
        let text = plain.slice(start, end);
        if text.chars().all(is_of_arn) {
            return text;
        }
    }
    plain.word(start, is_of_arn, |read, at| {
        let is_whole = |text: &str| text.len() > ID && is_key_arn(text) && has_usual_id(text);
        // How much of the id is missing; all that KMS issues are as long.
        let missing = read.rfind('/').and_then(|slash| (ID + slash + 1).checked_sub(read.len()));
        read.is_empty()
            || read.len() <= LONGEST_KEY_ARN
                && missing.is_some_and(|missing| {
                    missing > 0 && is_whole(plain.slice(at - read.len(), at + missing))
                })
    })
}

/// The length of an id that KMS issues, also of a multi-Region key's.
const ID: usize = 36;

/// Longer than any ARN of a key with such an id.
const LONGEST_KEY_ARN: usize = 128;

/// Whether a key ARN ends as all that KMS issues do.
fn has_usual_id(arn: &str) -> bool {
    let id = arn.rsplit('/').next().unwrap_or_default();
    let is_hex = |part: &str| part.chars().all(|c| c.is_ascii_hexdigit());
    if let Some(rest) = id.strip_prefix("mrk-") {
        return rest.len() == 32 && is_hex(rest);
    }
    let lengths = id.split('-').map(|part| part.len() * usize::from(is_hex(part)));
    lengths.eq([8, 4, 4, 4, 12])
}

/// Where a reason begins, if one does soon.
fn reason_ahead(plain: &Plain, start: usize) -> Option<usize> {
    let ahead = plain.ahead(start);
    let reasons = ["becauseno", "becausethe", "withanexplicitdeny"];
    reasons.iter().filter_map(|words| ahead.find(words)).min().map(|at| start + at)
}

/// What a message gives as the reason.
struct Reason {
    named: Named,
    is_cut: bool,
}

/// The words of messages for a side, without spaces; the documentation also has the plural.
const SIDES: &[(&str, Side)] = &[
    ("identity-basedpolic", Side::IdentityPolicy),
    ("permissionsboundar", Side::PermissionsBoundary),
    ("resource-basedpolic", Side::KeyPolicy),
    ("resourcecontrolpolic", Side::ResourceControlPolicy),
    ("servicecontrolpolic", Side::ServiceControlPolicy),
    ("sessionpolic", Side::SessionPolicy),
    // So in one of AWS's samples.
    ("sessionspolic", Side::SessionPolicy),
    ("vpcendpointpolic", Side::VpcEndpointPolicy),
];

/// What AWS says to callers of other accounts.
const ONE_OF_THREE: &str = "becausetheresourcedoesnotexistinthisregion,noresource-basedpoliciesallowaccess,oraresource-basedpolicyexplicitlydeniesaccess";

impl Reason {
    fn read(plain: &Plain, at: usize) -> Self {
        if plain.after(at, "becausetheresourcedoesnotexist").is_some() {
            return Self {
                named: Named::KeyOrItsPolicy,
                is_cut: plain.breaks_off_in(at, ONE_OF_THREE),
            };
        }
        let forms = [
            ("becauseno", Denial::Implicit),
            ("withanexplicitdenyinan", Denial::Explicit),
            ("withanexplicitdenyina", Denial::Explicit),
        ];
        let side = |(words, denial)| {
            let from = plain.after(at, words)?;
            let (words, side) =
                SIDES.iter().find(|(words, _)| plain.after(from, words).is_some())?;
            Some(Named::Side { side: *side, denial, policy: policy(plain, from + words.len()) })
        };
        match forms.into_iter().find_map(side) {
            Some(named) => Self { named, is_cut: false },
            None => Self { named: Named::Nothing, is_cut: is_cut(plain, at) },
        }
    }
}

/// Whether the text ends within a reason.
fn is_cut(plain: &Plain, at: usize) -> bool {
    let rest = plain.ahead(at).trim_end_matches(['.', '…', '"', '\'']);
    let begun = ["becauseno", "becausetheresource", "withanexplicitdenyina"];
    let is_begun = |words: &&str| {
        let length = rest.len().min(words.len());
        length >= 4 && rest.get(..length) == words.get(..length)
    };
    begun.iter().any(is_begun)
        && SIDES.iter().all(|(words, _)| !rest.contains(words))
        && rest.len() < 60
}

/// The ARN of the policy, which newer messages append to the side.
///
/// Source: [Enhanced access denied messages](https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns)
fn policy(plain: &Plain, at: usize) -> Option<String> {
    let endings = ["y:", "ies:"];
    let start = endings.iter().find_map(|ending| plain.after(at, ending))?;
    let is_of_arn = |c: char| c.is_ascii_alphanumeric() || "-_/:.+=,@".contains(c);
    let text = plain.word(start, is_of_arn, |read, _| read.is_empty());
    let text = text.trim_end_matches([',', '.', ':']);
    crate::arn::Arn::parse(text).is_ok().then(|| text.to_owned())
}

/// The wording of KMS for callers that it tells nothing, until about 2021 and quoted since.
pub(super) fn is_about_some_ciphertext(plain: &Plain) -> bool {
    [
        "theciphertextreferstoacustomermasterkeythatdoesnotexist",
        "theciphertextreferencesakeythatdoesn'texist",
    ]
    .iter()
    .any(|words| plain.has(words))
}

/// Words that say no more than that access is denied.
pub(super) fn is_bare_denial(plain: &Plain) -> bool {
    ["accessdenied", "kmsaccessdenied", "notauthorized"].iter().any(|words| plain.has(words))
}

/// The first key ARN of a text.
pub(super) fn some_key(plain: &Plain) -> Option<String> {
    plain.all(":key/").take(MOST).find_map(|(at, _)| {
        let start = plain.before(at, "arn:aws")?;
        let text = arn(plain, start).trim_end_matches([',', '.', ':']);
        is_key_arn(text).then(|| text.to_owned())
    })
}
