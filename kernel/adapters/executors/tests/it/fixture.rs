//! Executors in a folder of their own, with a clock that a test sets, and calls for them.

use antfarm_authority::{Bytes, EffectKey, Name, Text};
use antfarm_executors::{Answer, Executors, Manifest, Refused, SecretSource, Setup};
use antfarm_identity::from_bytes;
use antfarm_machine::{Span, Wall};
use antfarm_node::{Body, Call, Outcome};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What the clock reads at first.
pub(crate) const START: Wall = Wall::from_nanos(1_000_000_000_000);

/// A place for executors, that outlives them.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    clock: Arc<AtomicU64>,
    pub(crate) secrets: BTreeMap<String, Vec<u8>>,
    pub(crate) runtime: Runtime,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Commands do not run as root, and must reach their own folder.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        Self {
            folder,
            clock: Arc::new(AtomicU64::new(START.as_nanos())),
            secrets: BTreeMap::new(),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The clock itself, for what has only that.
    pub(crate) fn clock(&self) -> Arc<AtomicU64> {
        self.clock.clone()
    }

    pub(crate) fn pass(&self, span: Span) {
        self.clock.fetch_add(span.as_nanos(), Ordering::SeqCst);
    }

    pub(crate) fn set_back(&self, span: Span) {
        self.clock.fetch_sub(span.as_nanos(), Ordering::SeqCst);
    }

    pub(crate) fn setup(&self, manifest: &str) -> Setup {
        let manifest = Manifest::parse("tools.toml", manifest).unwrap_or_else(|troubles| panic!("{troubles}"));
        let clock = self.clock.clone();
        Setup {
            helper: env!("CARGO_BIN_EXE_antfarm-exec").into(),
            secrets: SecretSource::Fixed(self.secrets.clone()),
            clock: Arc::new(move || Wall::from_nanos(clock.load(Ordering::SeqCst))),
            ..Setup::new(manifest, self.path())
        }
    }

    pub(crate) fn open(&self, manifest: &str) -> Executors {
        Executors::open(self.setup(manifest)).expect("the folder is good")
    }

    /// Lets whatever runs go on for a moment.
    pub(crate) fn wait(&self) {
        self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(5)).await });
    }

    /// Opens again, once the former process let go.
    pub(crate) fn restarted(&self, manifest: &str) -> Executors {
        let open = |_| {
            self.wait();
            Executors::open(self.setup(manifest)).ok()
        };
        (0..1_000).find_map(open).expect("the former process let go")
    }

    /// The answer to what a node says.
    pub(crate) fn ask(&self, executors: &Executors, body: &Body) -> Result<Answer, Refused> {
        self.runtime.block_on(async { executors.hear(body).await })
    }

    /// The answer to one call under a manifest.
    pub(crate) fn call(&self, manifest: &str, target: &str, args: &str) -> Answer {
        let executors = self.open(manifest);
        self.ask(&executors, &call(1, target, args.as_bytes())).expect("it is taken")
    }
}

pub(crate) fn key(nth: u8) -> EffectKey {
    from_bytes(&[nth; 32]).expect("any digest may be a key")
}

/// A call of the tool `tool`, which must begin within a minute of the start.
pub(crate) fn call(nth: u8, target: &str, args: &[u8]) -> Body {
    Body::Call(Call {
        key: key(nth),
        tool: Name::new("tool").expect("legal"),
        target: Text::new(target).expect("short"),
        args: Bytes::new(args).expect("short"),
        deadline: START + Span::from_secs(60),
    })
}

pub(crate) fn close(nth: u8) -> Body {
    Body::Close { key: key(nth), deadline: START + Span::from_secs(60) }
}

/// What a call led to, as text.
pub(crate) fn result(answer: &Answer) -> String {
    match &answer.outcome {
        Outcome::Done { result, .. } => String::from_utf8_lossy(result.bytes()).into_owned(),
        other @ (Outcome::Failed { .. } | Outcome::Unclear) => panic!("{other:?}: {}", answer.cause),
    }
}

/// Processes with this in their command line.
pub(crate) fn alive(word: &str) -> usize {
    let lines = fs::read_dir("/proc").expect("it is mounted").flatten();
    lines.filter(|it| fs::read(it.path().join("cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(word))).count()
}
