//! The executors: a call of a tool in, its answer out, at most once for each key.
//!
//! Rules kept, the same as those of the scripted tools in the simulator:
//!
//! - A key that was answered is answered so again, until its call's deadline and for the tool's retention.
//! - A call does not begin after its deadline, by the latest time that the clock ever read; also not when it waited its turn.
//! - That it begins is durable before it begins, and its outcome before it is told.
//! - INVARIANT(doubt): once an attempt may have taken effect, a later attempt that fails does not say that there was none.
//! - A key that is closed before its call began never begins.

use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::command;
use crate::http::{self, Resolver};
use crate::manifest::{Manifest, Tool};
use crate::outcomes::{Outcomes, Stopped, Unkept};
use crate::sandbox::Held;
use crate::secrets::SecretSource;
use antfarm_authority::{Amount, EffectKey, Name, Resolution};
use antfarm_identity::Salt;
use antfarm_machine::{Span, Wall};
use antfarm_node::{Body, Call, Outcome};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::future::Future;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tokio::sync::{Semaphore, watch};

/// How executors are set up.
#[derive(Clone)]
pub struct Setup {
    /// The tools.
    pub manifest: Manifest,
    /// Where outcomes are kept: a folder that is there, for one process.
    pub folder: PathBuf,
    /// Where each command gets a folder of its own while it runs: a folder that is there, and that the user of commands can reach.
    pub scratch: PathBuf,
    /// The helper `antfarm-exec`.
    pub helper: PathBuf,
    /// Where secrets come from.
    pub secrets: SecretSource,
    /// What finds the addresses of names.
    pub resolver: Resolver,
    /// How many calls wait or are under way at most.
    pub queue: usize,
    /// How many bytes of outcomes are remembered at most.
    pub remembered: usize,
    /// What time it is.
    pub clock: Arc<dyn Fn() -> Wall + Send + Sync>,
}

impl Setup {
    /// These tools, with everything below one folder, and the helper beside this program.
    pub fn new(manifest: Manifest, folder: &Path) -> Self {
        let helper = std::env::current_exe().map(|me| me.with_file_name("antfarm-exec"));
        Self {
            manifest,
            folder: folder.to_owned(),
            scratch: folder.to_owned(),
            helper: helper.unwrap_or_else(|_| PathBuf::from("/usr/bin/antfarm-exec")),
            secrets: SecretSource::Nothing,
            resolver: http::system(),
            queue: 1_024,
            remembered: 256 << 20,
            clock: Arc::new(wall),
        }
    }
}

/// The system's clock.
fn wall() -> Wall {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Wall::from_nanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

/// What a tool answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Of which call.
    pub key: EffectKey,
    /// What the node is told.
    pub outcome: Outcome,
    /// Why, for whoever looks after the daemon.
    pub cause: Cause,
}

impl Answer {
    /// As the node hears it.
    pub fn body(&self) -> Body {
        Body::Outcome { key: self.key, outcome: self.outcome.clone() }
    }
}

/// Why a call is not taken. Nothing was begun and nothing is remembered: the node is told nothing, and asks again if it may.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// No tool has this name.
    UnknownTool(Name),
    /// No tool can be closed.
    NotClosable,
    /// It is nothing that a tool is told.
    NotForTools,
    /// As many calls wait as may.
    Busy,
    /// As much is remembered as may be.
    Full,
    /// The disk failed, and nothing is answered until the daemon is started again; or what carries the call out panicked.
    Stopped,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTool(name) => write!(f, "no tool of the manifest is called {name:?}"),
            Self::NotClosable => f.write_str("no tool of the manifest is `closable`"),
            Self::NotForTools => f.write_str("tools are told calls and closings only"),
            Self::Busy => f.write_str("too many calls wait"),
            Self::Full => f.write_str("too many outcomes are remembered; wait until some are past their retention"),
            Self::Stopped => f.write_str("the disk that keeps outcomes failed, or the daemon itself; start it again"),
        }
    }
}

impl std::error::Error for Refused {}

/// Carries out calls of tools. Cloning is cheap; all clones are one.
#[derive(Clone)]
pub struct Executors(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) setup: Setup,
    pub(crate) salt: Salt,
    pub(crate) outcomes: Outcomes,
    pub(crate) gates: BTreeMap<Name, Arc<Semaphore>>,
    pub(crate) layers: Mutex<BTreeMap<Name, Vec<Held>>>,
    /// Tells apart the folders of commands, also from those that an earlier process could not remove.
    pub(crate) folders: AtomicU64,
    running: Mutex<BTreeMap<EffectKey, Running>>,
}

/// A call that waits or is under way, or a closing.
struct Running {
    answer: watch::Receiver<Told>,
    /// Whether it must not begin.
    closed: bool,
}

impl Executors {
    /// Opens what is remembered. Folders of commands that an earlier process left are removed.
    ///
    /// # Errors
    ///
    /// See [`Unkept`].
    pub fn open(setup: Setup) -> Result<Self, Unkept> {
        let disk = |error| Unkept::Disk(setup.folder.clone(), error);
        let mut salt = [0; 16];
        let mut first = [0; 8];
        let drawn =
            File::open("/dev/urandom").and_then(|mut it| it.read_exact(&mut salt).and_then(|()| it.read_exact(&mut first)));
        drawn.map_err(disk)?;
        let outcomes = Outcomes::open(&setup.folder, setup.remembered)?;
        command::sweep(&setup.scratch);
        let gate = |(name, tool): (&Name, &Tool)| (name.clone(), Arc::new(Semaphore::new(tool.parallel as usize)));
        let gates = setup.manifest.tools().map(gate).collect();
        Ok(Self(Arc::new(Inner {
            setup,
            salt: Salt(salt),
            outcomes,
            gates,
            running: Mutex::default(),
            layers: Mutex::default(),
            folders: AtomicU64::new(u64::from_le_bytes(first)),
        })))
    }

    /// What a node told a tool: the answer comes when the tool has one. Must be called on a tokio runtime with time and IO; what was
    /// begun goes on when the answer is not waited for.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn hear(&self, body: &Body) -> impl Future<Output = Result<Answer, Refused>> + Send + use<> {
        let taken = match body {
            Body::Call(call) => self.call(call),
            Body::Close { key, deadline } => self.close(*key, *deadline),
            Body::Present { .. }
            | Body::Presented { .. }
            | Body::Inquire { .. }
            | Body::Standing(_)
            | Body::Revoked { .. }
            | Body::Sets { .. }
            | Body::Closed(_)
            | Body::Reclaimed(_)
            | Body::Recall(_)
            | Body::Passed { .. }
            | Body::Seen { .. }
            | Body::Forked(_)
            | Body::Outcome { .. }
            | Body::Report(_)
            | Body::Deliver(_)
            | Body::Delivered { .. }
            | Body::Reported { .. } => Err(Refused::NotForTools),
        };
        async {
            match taken? {
                Taken::Answered(answer) => Ok(answer),
                Taken::Running(mut running) => match running.wait_for(Option::is_some).await {
                    Ok(answer) => answer.clone().unwrap_or(Err(Refused::Stopped)),
                    Err(_) => Err(Refused::Stopped),
                },
            }
        }
    }

    /// Which layers of the sandbox held when the tool was last run; none before it ran.
    pub fn layers(&self, tool: &Name) -> Vec<Held> {
        self.0.layers.lock().unwrap_or_else(PoisonError::into_inner).get(tool).cloned().unwrap_or_default()
    }

    fn call(&self, call: &Call) -> Result<Taken, Refused> {
        let inner = &self.0;
        let tool = inner.setup.manifest.tool(&call.tool).ok_or_else(|| Refused::UnknownTool(call.tool.clone()))?;
        let mut running = inner.running();
        let key = call.key;
        if let Some(before) = running.get(&key) {
            return Ok(Taken::Running(before.answer.clone()));
        }
        let latest = inner.latest();
        let answered = |outcome, cause| Ok(Taken::Answered(Answer { key, outcome, cause }));
        let known = inner.outcomes.known(key);
        let doubted = match known {
            Some(known) => match known.outcome {
                Some(outcome) => return answered(outcome, Cause::Repeated),
                None => true,
            },
            None => false,
        };
        // INVARIANT(deadline): it was perhaps done before, and forgotten since.
        if latest > call.deadline {
            let cause = if doubted { Cause::InDoubt } else { Cause::TooLate { deadline: call.deadline } };
            return answered(Outcome::Unclear, cause);
        }
        if doubted && !tool.repeats && !tool.reads {
            return answered(Outcome::Unclear, Cause::InDoubt);
        }
        let until = call.deadline.max(latest + retention(tool.resolution));
        let attempt = Attempt { inner: inner.clone(), call: call.clone(), until, doubted };
        Ok(Taken::Running(inner.start(&mut running, key, attempt.run())?))
    }

    fn close(&self, key: EffectKey, deadline: Wall) -> Result<Taken, Refused> {
        let inner = &self.0;
        let closable = |(_, tool): (&Name, &Tool)| match tool.resolution {
            Resolution::Closable { retention } => Some(retention),
            Resolution::Keyed { .. } | Resolution::Blind => None,
        };
        let retention = inner.setup.manifest.tools().filter_map(closable).max().ok_or(Refused::NotClosable)?;
        let mut running = inner.running();
        if let Some(before) = running.get_mut(&key) {
            before.closed = true;
            return Ok(Taken::Running(before.answer.clone()));
        }
        let latest = inner.latest();
        let answered = |outcome, cause| Ok(Taken::Answered(Answer { key, outcome, cause }));
        match inner.outcomes.known(key) {
            Some(known) => match known.outcome {
                Some(outcome) => return answered(outcome, Cause::Repeated),
                None => return answered(Outcome::Unclear, Cause::InDoubt),
            },
            // It was perhaps done before, and forgotten since.
            None if latest > deadline => return answered(Outcome::Unclear, Cause::TooLate { deadline }),
            None => {}
        }
        let executors = self.clone();
        let until = deadline.max(latest + retention);
        let burn = async move {
            let outcome = Outcome::Failed { spent: Amount::ZERO };
            executors.0.outcomes.settle(key, until, outcome.clone()).await?;
            Ok(Answer { key, outcome, cause: Cause::Burned })
        };
        Ok(Taken::Running(inner.start(&mut running, key, burn)?))
    }
}

impl Inner {
    fn running(&self) -> MutexGuard<'_, BTreeMap<EffectKey, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The latest that the clock ever read.
    pub(crate) fn latest(&self) -> Wall {
        self.outcomes.latest((self.setup.clock)())
    }

    /// Whether a call was closed before it began.
    pub(crate) fn is_closed(&self, key: EffectKey) -> bool {
        self.running().get(&key).is_some_and(|it| it.closed)
    }

    /// Starts work on a key that nothing else works on. It goes on whether anybody waits for it or not.
    fn start(
        self: &Arc<Self>,
        running: &mut BTreeMap<EffectKey, Running>,
        key: EffectKey,
        work: impl Future<Output = Result<Answer, Refused>> + Send + 'static,
    ) -> Result<watch::Receiver<Told>, Refused> {
        if running.len() >= self.setup.queue {
            return Err(Refused::Busy);
        }
        if self.outcomes.is_full() {
            return Err(Refused::Full);
        }
        let (tell, answer) = watch::channel(None);
        let before = running.insert(key, Running { answer: answer.clone(), closed: false });
        assert!(before.is_none(), "two attempts of one key never run at once");
        let inner = self.clone();
        tokio::spawn(async move {
            // What panics was perhaps done: who asks again hears that, and is not kept waiting for ever.
            let answer = tokio::spawn(work).await.unwrap_or(Err(Refused::Stopped));
            inner.running().remove(&key);
            // Nobody may wait for it any more.
            tell.send(Some(answer)).unwrap_or_default();
        });
        Ok(answer)
    }
}

/// What those who wait for an answer see.
type Told = Option<Result<Answer, Refused>>;

/// A call or closing that was taken.
enum Taken {
    Answered(Answer),
    Running(watch::Receiver<Told>),
}

impl From<Stopped> for Refused {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

fn retention(resolution: Resolution) -> Span {
    match resolution {
        Resolution::Keyed { retention } | Resolution::Closable { retention } => retention,
        Resolution::Blind => Span::ZERO,
    }
}
