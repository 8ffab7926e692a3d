use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::declared::{Existence, known};
use super::nested::Nested;
use super::template::Sections;
use super::value::{Reason, Resolved, Shape, Stop};
use super::{conditions, functions, names, parameters, pseudo, text};
use crate::document::{At, InputError};
use crate::import::Assumptions;
use crate::request::Account;
use crate::text::{Quoted, did_you_mean};

/// References and values nested deeper than this are refused.
const MAX_DEPTH: usize = 128;

/// All stacks that are read together, and what was worked out of them.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub(super) stacks: Vec<StackScope<'a>>,
    pub(super) assumptions: &'a Assumptions,
    known: RefCell<HashMap<(usize, Subject), Shape<'a>>>,
    active: RefCell<Vec<(usize, Subject)>>,
    depth: Cell<usize>,
    exports: RefCell<Option<Rc<[Export<'a>]>>>,
    used: RefCell<BTreeSet<&'a str>>,
}

/// A template and where it is deployed.
#[derive(Debug)]
pub(super) struct StackScope<'a> {
    pub(super) sections: Sections<'a>,
    pub(super) account: Account,
    pub(super) region: &'a str,
    /// Whether nothing said the Region.
    pub(super) is_region_assumed: bool,
    pub(super) name: Option<&'a str>,
    /// The name, or what stands for it.
    pub(super) label: String,
    /// How many stacks before it have the same place and label.
    pub(super) alike: usize,
    pub(super) parameters: &'a [(String, String)],
    /// Where it is nested, if it is.
    pub(super) nested: Option<Nested<'a>>,
    /// Why the defaults of its parameters may not be their values.
    pub(super) no_defaults: Option<Reason>,
}

/// What is worked out once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    Condition(String),
    Reference(String),
    Attribute(String, String),
    Import(String),
}

/// A value that a stack offers to others of its account and Region.
#[derive(Debug)]
struct Export<'a> {
    stack: usize,
    name: String,
    value: At<'a>,
}

/// A stack among the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'w, 'a> {
    pub(super) world: &'w World<'a>,
    pub(super) index: usize,
    pub(super) stack: &'w StackScope<'a>,
}

impl<'a> World<'a> {
    pub(super) fn new(stacks: Vec<StackScope<'a>>, assumptions: &'a Assumptions) -> Self {
        Self {
            stacks,
            assumptions,
            known: RefCell::default(),
            active: RefCell::default(),
            depth: Cell::new(0),
            exports: RefCell::default(),
            used: RefCell::default(),
        }
    }

    pub(super) fn scopes(&self) -> impl Iterator<Item = Scope<'_, 'a>> {
        let stacks = self.stacks.iter().enumerate();
        stacks.map(|(index, stack)| Scope { world: self, index, stack })
    }

    /// What the user says that a name stands for.
    pub(super) fn given(&self, name: &str) -> Option<&'a str> {
        let (name, value) = self.assumptions.values.get_key_value(name)?;
        self.used.borrow_mut().insert(name);
        Some(value)
    }

    /// What the user gave and nothing asked for.
    pub(super) fn unused(&self) -> impl Iterator<Item = &'a str> {
        let used = self.used.take();
        let is_parameter =
            |name: &&str| self.stacks.iter().any(|it| it.sections.parameters.contains_key(*name));
        let names = self.assumptions.values.keys().map(String::as_str);
        let names = names.filter(|name| !matches!(*name, "AWS::Region" | "AWS::StackName"));
        names.filter(move |name| !used.contains(name)).filter(move |name| !is_parameter(name))
    }
}

impl<'a> Scope<'_, 'a> {
    /// Works out the functions in a value.
    pub(super) fn resolve(self, at: At<'a>) -> Result<Resolved<'a>, InputError> {
        match self.deeper(at, || self.shape(at)) {
            Ok(shape) => Ok(Resolved { at, shape }),
            Err(Stop::Unknown(reason)) => Ok(Resolved { at, shape: Shape::Unknown(reason) }),
            Err(Stop::Wrong(error)) => Err(error),
        }
    }

    /// One step further from what was asked for, and not too far.
    pub(super) fn deeper(
        self,
        at: At<'a>,
        work: impl FnOnce() -> Result<Shape<'a>, Stop>,
    ) -> Result<Shape<'a>, Stop> {
        let depth = &self.world.depth;
        if depth.get() >= MAX_DEPTH {
            let message = format!("expected at most {MAX_DEPTH} steps to a value, found more");
            return Err(at.error(message).into());
        }
        depth.set(depth.get() + 1);
        let shape = work();
        depth.set(depth.get() - 1);
        shape
    }

    fn shape(self, at: At<'a>) -> Result<Shape<'a>, Stop> {
        if let Some(items) = at.as_list() {
            let items = items.map(|item| self.resolve(item)).collect::<Result<Vec<_>, _>>()?;
            return Ok(Shape::List(items.into_iter().filter(is_there).collect()));
        }
        if at.as_object().is_some() {
            return self.object(at);
        }
        match (at.as_bool(), at.as_scalar()) {
            (Some(value), _) => Ok(Shape::Bool(value)),
            (None, Some(text)) => text::with_references(self, at, text).map(Shape::Text),
            (None, None) => {
                Err(at.expected("a value").with_help(Some("CloudFormation takes no null")).into())
            }
        }
    }

    fn object(self, at: At<'a>) -> Result<Shape<'a>, Stop> {
        let object = at.object()?;
        if let Some((name, argument)) = functions::of(object)? {
            return functions::call(self, at, name, argument);
        }
        let members = object.members().map(|(name, value)| Ok((name, self.resolve(value)?)));
        let members = members.collect::<Result<Vec<_>, InputError>>()?;
        Ok(Shape::Object(members.into_iter().filter(|(_, value)| is_there(value)).collect()))
    }

    /// The text of a value.
    pub(super) fn text(self, at: At<'a>) -> Result<String, Stop> {
        self.resolve(at)?.scalar()
    }

    /// What `subject` is, worked out by `work` unless it is known already.
    ///
    /// Source: [Circular dependencies](https://repost.aws/knowledge-center/unresolved-dependency-cloudformation)
    pub(super) fn once(
        self,
        at: At<'a>,
        subject: Subject,
        work: impl FnOnce() -> Result<Shape<'a>, Stop>,
    ) -> Result<Shape<'a>, Stop> {
        let subject = (self.index, subject);
        if let Some(known) = self.world.known.borrow().get(&subject) {
            return Ok(known.clone());
        }
        if self.world.active.borrow().contains(&subject) {
            return Err(at.error("expected a value that does not rest on itself").into());
        }
        self.world.active.borrow_mut().push(subject.clone());
        let shape = match work() {
            Err(Stop::Unknown(reason)) => Ok(Shape::Unknown(reason)),
            other => other,
        };
        self.world.active.borrow_mut().pop();
        let shape = shape?;
        self.world.known.borrow_mut().insert(subject, shape.clone());
        Ok(shape)
    }

    /// Source: [Ref](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html)
    pub(super) fn reference(self, at: At<'a>, name: &str) -> Result<Shape<'a>, Stop> {
        self.once(at, Subject::Reference(name.to_owned()), || {
            let sections = &self.stack.sections;
            if let Some(parameter) = sections.parameters.get(name) {
                return parameters::value(self, name, *parameter, at);
            }
            if name.starts_with("AWS::") {
                return pseudo::value(self, at, name);
            }
            if let Some(value) = self.world.given(name) {
                return Ok(Shape::Text(value.to_owned()));
            }
            match sections.resources.get(name) {
                Some(resource) => {
                    self.check_created(at, name)?;
                    names::reference(self, at, *resource).map(Shape::Text)
                }
                None => Err(self.undefined(at, name)),
            }
        })
    }

    /// Source: [Fn::GetAtt](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getatt.html)
    pub(super) fn attribute(
        self,
        at: At<'a>,
        name: &str,
        attribute: &str,
    ) -> Result<Shape<'a>, Stop> {
        let subject = Subject::Attribute(name.to_owned(), attribute.to_owned());
        self.once(at, subject, || {
            if let Some(value) = self.world.given(&format!("{name}.{attribute}")) {
                return Ok(Shape::Text(value.to_owned()));
            }
            match self.stack.sections.resources.get(name) {
                Some(resource) => {
                    self.check_created(at, name)?;
                    if let Some(output) = self.output(at, name, attribute) {
                        return output;
                    }
                    names::attribute(self, at, *resource, attribute).map(Shape::Text)
                }
                None => Err(self.undefined(at, name)),
            }
        })
    }

    /// What `Ref` gives for a name, as a text.
    pub(super) fn reference_text(self, at: At<'a>, name: &str) -> Result<String, Stop> {
        Resolved { at, shape: self.reference(at, name)? }.scalar()
    }

    fn check_created(self, at: At<'a>, name: &str) -> Result<(), Stop> {
        let resource = self.stack.sections.resources.get(name);
        let condition = resource.and_then(|it| it.condition);
        let Some(condition) = condition else { return Ok(()) };
        if let Shape::Bool(false) = conditions::named(self, condition)? {
            let message = format!(
                "expected a resource that is created, found {}, whose condition is false",
                Quoted(name)
            );
            return Err(at.error(message).into());
        }
        Ok(())
    }

    fn undefined(self, at: At<'a>, name: &str) -> Stop {
        let sections = &self.stack.sections;
        if sections.is_expanded() {
            let why = format!(
                "{} is not in the template, and what its macros and loops add is not known",
                Quoted(name)
            );
            return Stop::unknown(at, &why);
        }
        let names = sections.parameters.keys().chain(sections.resources.keys()).copied();
        let message =
            format!("expected a parameter or resource of the template, found {}", Quoted(name));
        at.error(message).with_help(did_you_mean(name, names)).into()
    }

    /// Source: [Fn::ImportValue](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html)
    pub(super) fn import(self, at: At<'a>, name: &str) -> Result<Shape<'a>, Stop> {
        self.once(at, Subject::Import(name.to_owned()), || {
            if let Some(value) = self.world.given(name) {
                return Ok(Shape::Text(value.to_owned()));
            }
            let exports = self.exports()?;
            let offers = |export: &&Export<'a>| {
                let other = self.world.stacks.get(export.stack);
                let is_near = other.is_some_and(|other| {
                    other.account == self.stack.account && other.region == self.stack.region
                });
                export.name == name && is_near
            };
            let Some(export) = exports.iter().find(offers) else {
                let why = format!("the export {} of another stack is not given", Quoted(name));
                return Err(Stop::unknown(at, &why));
            };
            match self.world.stacks.get(export.stack) {
                Some(stack) => {
                    let other = Scope { world: self.world, index: export.stack, stack };
                    Ok(other.resolve(export.value)?.shape)
                }
                None => Ok(Shape::Absent),
            }
        })
    }

    /// What all stacks export. While that is worked out, nothing is.
    fn exports(self) -> Result<Rc<[Export<'a>]>, InputError> {
        if let Some(exports) = &*self.world.exports.borrow() {
            return Ok(exports.clone());
        }
        *self.world.exports.borrow_mut() = Some(Rc::new([]));
        let mut found = Vec::new();
        for scope in self.world.scopes() {
            for output in scope.stack.sections.outputs.values() {
                found.extend(scope.exported(*output)?);
            }
        }
        let exports: Rc<[Export<'a>]> = found.into();
        *self.world.exports.borrow_mut() = Some(exports.clone());
        Ok(exports)
    }

    fn exported(self, output: At<'a>) -> Result<Option<Export<'a>>, InputError> {
        let Some(object) = output.as_object() else { return Ok(None) };
        if !matches!(self.existence()?, Existence::Exists) {
            return Ok(None);
        }
        let export = object.optional("Export").and_then(At::as_object);
        let (Some(name), Some(value)) = (export.and_then(|it| it.get("Name")), object.get("Value"))
        else {
            return Ok(None);
        };
        let condition = object.optional("Condition");
        let is_there = condition.map(|at| known(conditions::named(self, at))).transpose()?;
        if is_there.is_some_and(|it| it != Ok(Shape::Bool(true))) {
            return Ok(None);
        }
        let Shape::Text(name) = self.resolve(name)?.shape else { return Ok(None) };
        Ok(Some(Export { stack: self.index, name, value }))
    }

    /// Why the value of a name that nobody gave is not known.
    pub(super) fn not_given(at: At<'_>, what: &str, name: &str) -> Reason {
        format!("{what} {} is not given ({})", Quoted(name), at.place()).into()
    }
}

fn is_there(value: &Resolved<'_>) -> bool {
    value.shape != Shape::Absent
}
