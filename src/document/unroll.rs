//! The loops of CloudFormation's templates.

use super::{At, Document, InputError, Member, Node, Place, Value, object};

/// So many values are made of the loops of a document at most.
const MOST: usize = 200_000;

impl Document {
    /// The document with what its loops stand for, at the places of their bodies; none if it has
    /// no loop. `items` says over what a loop goes; one of which that is not known stays.
    ///
    /// Source: [Fn::ForEach](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html)
    ///
    /// # Errors
    ///
    /// If a loop makes a name twice, or loops make too much.
    pub(crate) fn unrolled(
        &self,
        items: &dyn Fn(At<'_>) -> Option<Vec<String>>,
    ) -> Result<Option<Self>, InputError> {
        if !self.source.text.contains("Fn::ForEach::") {
            return Ok(None);
        }
        let mut unroll = Unroll { document: self, items, bound: Vec::new(), made: 0 };
        let root = unroll.node(&self.root)?;
        Ok(Some(Self { source: self.source.clone(), root }))
    }
}

/// A loop.
struct Each<'m> {
    name: &'m str,
    items: Vec<String>,
    body: &'m [Member],
}

struct Unroll<'a> {
    document: &'a Document,
    items: &'a dyn Fn(At<'_>) -> Option<Vec<String>>,
    /// The names of the loops around, and their values.
    bound: Vec<(String, String)>,
    made: usize,
}

impl Unroll<'_> {
    fn node(&mut self, node: &Node) -> Result<Node, InputError> {
        self.made += usize::from(!self.bound.is_empty());
        if self.made > MOST {
            return Err(self.error(
                node,
                format!("expected loops that make at most {MOST} values, found more"),
            ));
        }
        let value = match &node.value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => {
                Value::Array(items.iter().map(|it| self.node(it)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => self.object(members)?,
            value => value.clone(),
        };
        Ok(Node { value, span: node.span.clone() })
    }

    fn object(&mut self, members: &[Member]) -> Result<Value, InputError> {
        if let Some(value) = self.reference(members) {
            return Ok(Value::String(value));
        }
        let mut made = Vec::new();
        self.members(members, &mut made)?;
        object(&self.document.source, made)
    }

    /// The value of a loop around, if that is what a reference names.
    fn reference(&self, members: &[Member]) -> Option<String> {
        let [Member { name, node: Node { value: Value::String(of), .. }, .. }] = members else {
            return None;
        };
        let bound = self.bound.iter().rev().find(|(name, _)| name == of);
        bound.filter(|_| name == "Ref").map(|(_, value)| value.clone())
    }

    fn members(&mut self, members: &[Member], made: &mut Vec<Member>) -> Result<(), InputError> {
        for member in members {
            match self.each(member)? {
                Some(each) => {
                    for item in each.items {
                        self.bound.push((each.name.to_owned(), item));
                        let unrolled = self.members(each.body, made);
                        self.bound.pop();
                        unrolled?;
                    }
                }
                None => made.push(Member {
                    name: self.text(&member.name),
                    name_span: member.name_span.clone(),
                    node: self.node(&member.node)?,
                }),
            }
        }
        Ok(())
    }

    /// What a loop binds and goes over, and its body, if all of that is known.
    fn each<'m>(&mut self, member: &'m Member) -> Result<Option<Each<'m>>, InputError> {
        if !member.name.starts_with("Fn::ForEach::") {
            return Ok(None);
        }
        let wrong = "expected a name, a collection and what to repeat in a loop";
        let Value::Array(parts) = &member.node.value else {
            return Err(self.error(&member.node, wrong.to_owned()));
        };
        let [
            Node { value: Value::String(name), .. },
            over,
            Node { value: Value::Object(body), .. },
        ] = parts.as_slice()
        else {
            return Err(self.error(&member.node, wrong.to_owned()));
        };
        let over = self.node(over)?;
        let items = (self.items)(At::new(self.document, &over));
        Ok(items.map(|items| Each { name, items, body }))
    }

    /// A text with the values of the loops around: `${NAME}`, or `&{NAME}` without what may not
    /// be in a logical id.
    fn text(&self, text: &str) -> String {
        let bound = self.bound.iter().rev().filter(|_| text.contains('{'));
        bound.fold(text.to_owned(), |text, (name, value)| {
            let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
            text.replace(&format!("${{{name}}}"), value).replace(&format!("&{{{name}}}"), &plain)
        })
    }

    fn error(&self, node: &Node, message: String) -> InputError {
        let place = Place {
            source: self.document.source.clone(),
            span: node.span.clone(),
            pointer: String::new(),
        };
        InputError::new(message, place)
    }
}
