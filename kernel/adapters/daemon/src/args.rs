//! The command line: what can be said to `antfarmd`, and what it says to a daemon.

use crate::{exit, say, words};
use antfarm_authority::{
    Amount, Bytes, Calls, Ceiling, Delegation, EffectKey, Grant, Name, Nonce, Offer, Refusal, Scope, Scopes, Text, Tokens, Usdc,
    Window, WritId,
};
use antfarm_daemon::control::{Command, Said, Status, WritLine};
use antfarm_daemon::{Client, Config, key_file};
use antfarm_identity::{Codec, Digest, Domain, PublicKey, from_bytes, to_bytes};
use antfarm_machine::{Span, Wall};
use antfarm_node::{Answer, Ask, Notice, Reason, Wish};
use antfarm_strict::Decimal;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const NONCE: Domain = Domain::new("antfarm 2026 daemon nonce");

const ODD: &str = "the daemon answered something else";

/// How long a wish is told again while its writ, or the word that it stands, is on its way.
const STANDS_WITHIN: Duration = Duration::from_secs(3);

/// How long a daemon may take until it can be asked.
const STARTS_WITHIN: Duration = Duration::from_secs(3);

/// One node of a governed colony, and what asks it.
#[derive(Parser)]
#[command(
    name = "antfarmd",
    version,
    after_help = "Exit status:\n  0  done\n  1  refused or declined\n  2  bad input, or no daemon answers\n  4  not decided yet: in doubt, pending or busy; ask again with the same --nonce"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Run the node of a configuration until SIGTERM or SIGINT
    Run {
        /// The configuration
        file: PathBuf,
    },
    /// Say what is wrong with a configuration, its key and its tools, without starting anything
    CheckConfig {
        /// The configuration
        file: PathBuf,
    },
    /// Make a key, in a file that only you may read, and print its public half
    Keygen {
        /// The file; it must not be there
        file: PathBuf,
    },
    #[command(flatten)]
    Client(Box<ClientVerb>),
}

/// Which daemon is asked.
#[derive(clap::Args)]
pub(crate) struct Where {
    /// The configuration of the daemon: names its socket and its peers
    #[arg(short, long, value_name = "FILE", env = "ANTFARMD_CONFIG")]
    config: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct Terms {
    /// To whom: a peer's name, `me`, or a public key
    #[arg(long)]
    to: String,
    /// Where it lives: a peer's name, `me`, or a public key; without it the one that it is given to
    #[arg(long)]
    home: Option<String>,
    /// Which tools, such as `bank.*`; may be given more than once
    #[arg(long = "tool", required = true)]
    tools: Vec<String>,
    /// How much money, in millionths of a USDC, or such as `50usdc`
    #[arg(long, default_value = "0", value_parser = money)]
    spend: u64,
    /// How many calls
    #[arg(long, default_value_t = 1_000)]
    calls: u64,
    /// How many tokens of minds
    #[arg(long, default_value_t = 0)]
    tokens: u64,
    /// For how long from now, such as `1h`; without it as long as its parent, or an hour
    #[arg(long, value_parser = span, conflicts_with = "until")]
    lasts: Option<Span>,
    /// From when on, in seconds since 1970; without it from now on
    #[arg(long)]
    since: Option<u64>,
    /// Until when, in seconds since 1970
    #[arg(long)]
    until: Option<u64>,
    /// The bound of its revocation; without it as its parent's, or 10s
    #[arg(long, value_parser = span)]
    freshness: Option<Span>,
    /// How many generations of parts may follow
    #[arg(long, default_value_t = 0)]
    depth: u8,
    /// Tools whose effect cannot be taken back may be called, too
    #[arg(long)]
    irreversible: bool,
    /// A name of the ask: told again with it, and the same times, it is the same ask
    #[arg(long, requires_all = ["since", "until"])]
    nonce: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum ClientVerb {
    /// Have a tool called
    Ask {
        #[command(flatten)]
        at: Where,
        /// Under which writ
        #[arg(long, value_parser = writ)]
        writ: WritId,
        /// Which tool
        #[arg(long)]
        tool: String,
        /// What it is done to
        #[arg(long, default_value = "")]
        target: String,
        /// With what: text
        #[arg(long, group = "args")]
        text: Option<String>,
        /// With what: a number, eight bytes
        #[arg(long, group = "args")]
        number: Option<u64>,
        /// Why, for people
        #[arg(long, default_value = "")]
        why: String,
        /// For how long from now it may be begun
        #[arg(long, default_value = "10m", value_parser = span, conflicts_with = "until")]
        within: Span,
        /// Until when it may be begun, in seconds since 1970
        #[arg(long)]
        until: Option<u64>,
        /// A name of the wish: told again with it, and the same time, it is the same wish
        #[arg(long, requires = "until")]
        nonce: Option<String>,
    },
    /// Give a writ, as a trust root
    Grant {
        #[command(flatten)]
        at: Where,
        #[command(flatten)]
        terms: Terms,
    },
    /// Hand on a part of a writ that lives here
    Delegate {
        #[command(flatten)]
        at: Where,
        /// The writ
        #[arg(value_parser = writ)]
        writ: WritId,
        #[command(flatten)]
        terms: Terms,
    },
    /// Revoke a writ that this node gave, or one below such a writ
    Revoke {
        #[command(flatten)]
        at: Where,
        /// The writ
        #[arg(value_parser = writ)]
        writ: WritId,
    },
    /// Close a writ that lives here: what is left goes back to its parent
    Close {
        #[command(flatten)]
        at: Where,
        /// The writ
        #[arg(value_parser = writ)]
        writ: WritId,
    },
    /// Say how a call went that is in doubt
    Resolve {
        #[command(flatten)]
        at: Where,
        /// The call's key
        #[arg(value_parser = effect)]
        call: EffectKey,
        /// Whether it took effect
        #[arg(long, action = clap::ArgAction::Set)]
        happened: bool,
    },
    /// Tell how the node is
    Status {
        #[command(flatten)]
        at: Where,
    },
    /// Print the head up to which its log is durable, as `antfarm verify --head` takes it
    Head {
        #[command(flatten)]
        at: Where,
    },
    /// List the writs that it knows
    Writs {
        #[command(flatten)]
        at: Where,
    },
    /// Print what it counted, for Prometheus
    Metrics {
        #[command(flatten)]
        at: Where,
    },
}

impl ClientVerb {
    pub(crate) fn run(self) -> ExitCode {
        match self.carry_out() {
            Ok(code) => ExitCode::from(code),
            Err(words) => say::failed(&words, exit::INPUT),
        }
    }

    fn carry_out(self) -> Result<u8, String> {
        match self {
            Self::Ask { at, writ, tool, target, text, number, why, within, until, nonce } => {
                let args = text.map(String::into_bytes).or(number.map(|it| it.to_le_bytes().to_vec())).unwrap_or_default();
                let until = until.unwrap_or_else(|| seconds(now() + within));
                let (name, nonce) = named(nonce);
                let again = format!("--nonce {name} --until {until}");
                let wish = Wish {
                    writ,
                    nonce,
                    until: second(until),
                    tool: Name::new(&tool).map_err(|bad| bad.to_string())?,
                    target: Text::new(&target).map_err(|bad| bad.to_string())?,
                    args: Bytes::new(&args).map_err(|bad| bad.to_string())?,
                    rationale: Text::new(&why).map_err(|bad| bad.to_string())?,
                };
                at.reach()?.wish(&wish, &again)
            }
            Self::Grant { at, terms } => {
                let mut desk = at.reach()?;
                let (offer, again) = desk.offer(terms, None)?;
                desk.ask(Ask::Grant { parent: None, offer: Box::new(offer), task: None }, &again)
            }
            Self::Delegate { at, writ, terms } => {
                let mut desk = at.reach()?;
                let parent = desk.line(writ)?;
                let (offer, again) = desk.offer(terms, Some(&parent))?;
                desk.ask(Ask::Grant { parent: Some(writ), offer: Box::new(offer), task: None }, &again)
            }
            Self::Revoke { at, writ } => at.reach()?.ask(Ask::Revoke { writ }, ""),
            Self::Close { at, writ } => at.reach()?.ask(Ask::Close { writ }, ""),
            Self::Resolve { at, call, happened } => at.reach()?.ask(Ask::Resolve { key: call, happened }, ""),
            Self::Status { at } => at.reach()?.tell(Command::Status),
            Self::Head { at } => at.reach()?.tell(Command::Head),
            Self::Writs { at } => at.reach()?.writs(),
            Self::Metrics { at } => at.reach()?.tell(Command::Metrics),
        }
    }
}

/// A daemon within reach, and what its configuration says.
struct Reached {
    config: Config,
    client: Client,
}

impl Where {
    fn reach(&self) -> Result<Reached, String> {
        let config = crate::read(&self.config)?;
        let began = Instant::now();
        // One that was just started takes a moment.
        let client = loop {
            match Client::connect(&config.control, Duration::from_secs(90)) {
                Err(_) if began.elapsed() < STARTS_WITHIN => std::thread::sleep(Duration::from_millis(50)),
                reached => break reached,
            }
        };
        let client = client.map_err(|error| {
            format!(
                "no daemon answers at `{}`: {error}; start it with `antfarmd run {}`",
                config.control.display(),
                self.config.display()
            )
        })?;
        Ok(Reached { config, client })
    }
}

impl Reached {
    fn say(&mut self, command: Command) -> Result<Said, String> {
        self.client.say(command).map_err(|error| format!("the daemon did not answer: {error}"))
    }

    /// Asks. `again` is what makes it the same ask when it is told again, and is printed where nobody knows what came of it.
    fn ask(&mut self, ask: Ask, again: &str) -> Result<u8, String> {
        let said = self.client.say(Command::Ask(ask));
        Ok(self.asked(said, again))
    }

    /// A line that breaks after something was asked decides nothing.
    fn asked(&self, said: std::io::Result<Said>, again: &str) -> u8 {
        let code = match said {
            Ok(said) => self.told(&said),
            Err(error) => {
                say::line(&format!("not known: the daemon did not answer: {error}"));
                exit::OPEN
            }
        };
        if code == exit::OPEN && !again.is_empty() {
            say::line(&format!("to ask the same again, add: {again}"));
        }
        code
    }

    fn tell(&mut self, command: Command) -> Result<u8, String> {
        let said = self.say(command)?;
        Ok(self.told(&said))
    }

    /// A wish is told again for a while when it is refused only because its writ, or the word that it stands, is on its way.
    fn wish(&mut self, wish: &Wish, again: &str) -> Result<u8, String> {
        let began = Instant::now();
        loop {
            let said = self.client.say(Command::Ask(Ask::Wish(Box::new(wish.clone()))));
            let waits = matches!(
                &said,
                Ok(Said::Notice(Notice::Answered {
                    answer: Answer::Refused(Reason::UnknownWrit | Reason::Refused(Refusal::NoStanding(_))),
                    ..
                }))
            );
            if !waits || began.elapsed() > STANDS_WITHIN {
                return Ok(self.asked(said, again));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn key(&mut self, name: &str) -> Result<PublicKey, String> {
        if name == "me" || name == self.config.name {
            let Said::Status(Status { key, .. }) = self.say(Command::Status)? else { return Err(ODD.to_owned()) };
            return Ok(key);
        }
        let peer = self.config.peers.iter().find(|peer| peer.name == name).map(|peer| peer.key);
        peer.or_else(|| key_file::public(name)).ok_or_else(|| {
            let names: Vec<&str> = self.config.peers.iter().map(|peer| peer.name.as_str()).collect();
            format!("`{name}` is neither a public key nor one of `me`, `{}`", names.join("`, `"))
        })
    }

    /// What the daemon knows of a writ.
    fn line(&mut self, writ: WritId) -> Result<WritLine, String> {
        let Said::Writs(lines) = self.say(Command::Writs)? else { return Err(ODD.to_owned()) };
        let line = lines.into_iter().find(|it| it.writ == writ.digest());
        line.ok_or_else(|| "the node does not know the writ".to_owned())
    }

    fn offer(&mut self, terms: Terms, parent: Option<&WritLine>) -> Result<(Offer, String), String> {
        let subject = self.key(&terms.to)?;
        let home = match &terms.home {
            Some(home) => self.key(home)?,
            None => subject,
        };
        let scopes: Result<Vec<Scope>, _> = terms.tools.iter().map(|it| Scope::new(it)).collect();
        let scopes = scopes.map_err(|bad| bad.to_string())?;
        // A little back, for who has a slower clock; and never outside the parent's.
        let back = seconds(now()).saturating_sub(2);
        let since = terms.since.unwrap_or(parent.map_or(back, |parent| back.max(seconds(parent.since) + 1)));
        let until = match (terms.until, terms.lasts, parent) {
            (Some(until), _, _) => until,
            (None, Some(lasts), _) => seconds(now() + lasts),
            (None, None, Some(parent)) => seconds(parent.until),
            (None, None, None) => seconds(now()) + 3_600,
        };
        let grant = Grant {
            colony: self.config.colony_id(),
            tenant: self.config.tenant.clone(),
            tools: Scopes::new(scopes).map_err(|bad| bad.to_string())?,
            budget: Amount { calls: Calls(terms.calls), money: Usdc(terms.spend), tokens: Tokens(terms.tokens), ..Amount::ZERO },
            ceiling: Ceiling { irreversible: terms.irreversible, ..Ceiling::ALL },
            window: Window::new(second(since), second(until)).ok_or("its time is over, or `--lasts` is nothing")?,
            delegation: Delegation::new(terms.depth, true).ok_or("`--depth` is too deep")?,
            freshness: terms.freshness.unwrap_or(parent.map_or(Span::from_secs(10), |parent| parent.freshness)),
        };
        let (name, nonce) = named(terms.nonce);
        let again = format!("--nonce {name} --since {since} --until {until}");
        Ok((Offer { subject, nonce, home, grant }, again))
    }

    /// Prints what the daemon says; the exit status that goes with it.
    fn told(&self, said: &Said) -> u8 {
        let (words, code) = self.words(said);
        say::line(&words);
        code
    }

    fn words(&self, said: &Said) -> (String, u8) {
        match said {
            Said::Notice(notice) => words::notice(notice),
            Said::Pending => ("pending: nothing was heard in time; ask again with the same --nonce".to_owned(), exit::OPEN),
            Said::Busy => ("busy: nothing was done; ask again".to_owned(), exit::OPEN),
            Said::Over => {
                ("over: the node's log is not what it was, and it serves nothing; see its log".to_owned(), exit::REFUSED)
            }
            Said::Status(it) => {
                let code = match (it.rolled_back, it.serving) {
                    (true, _) => exit::REFUSED,
                    (false, true) => exit::DONE,
                    (false, false) => exit::OPEN,
                };
                (words::status(it), code)
            }
            Said::Head(Some(head)) => (format!("{}:{}", head.head.records, head.head.digest), exit::DONE),
            Said::Head(None) => ("the log is not open".to_owned(), exit::OPEN),
            Said::Writs(lines) => (format!("{} writs", lines.len()), exit::DONE),
            Said::Text(text) => (text.trim_end().to_owned(), exit::DONE),
        }
    }

    /// Lists the writs, with names for keys.
    fn writs(&mut self) -> Result<u8, String> {
        let me = self.key("me")?;
        let Said::Writs(lines) = self.say(Command::Writs)? else { return Err(ODD.to_owned()) };
        let who = |key: &PublicKey| match self.config.called(key) {
            Some(name) => name.to_owned(),
            None if *key == me => self.config.name.clone(),
            None => key.to_string(),
        };
        for it in &lines {
            let here = it.free.map_or_else(String::new, |free| {
                format!(", kept here: {} calls, {} millionths of a USDC free", free.calls, free.money)
            });
            let dead = if it.revoked { ", revoked" } else { "" };
            say::line(&format!("{} from {} to {}{here}{dead}", it.writ, who(&it.issuer), who(&it.subject)));
        }
        Ok(exit::DONE)
    }
}

fn now() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall::from_nanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

/// Whole seconds since 1970.
fn seconds(wall: Wall) -> u64 {
    wall.as_nanos() / 1_000_000_000
}

fn second(seconds: u64) -> Wall {
    Wall::ZERO + Span::from_secs(seconds)
}

/// A name and its nonce; without a name one that nobody else has.
fn named(name: Option<String>) -> (String, Nonce) {
    let name = name.unwrap_or_else(|| {
        let mut bytes = [0; 32];
        // Without randomness the time and the process tell two asks apart.
        if getrandom::fill(&mut bytes).is_err() {
            bytes = *Digest::of(NONCE, &to_bytes(&(now(), u64::from(std::process::id())))).as_bytes();
        }
        Digest::of(NONCE, &bytes).short().to_string() + &Digest::of(NONCE, &[bytes, bytes].concat()).short().to_string()
    });
    let digest = Digest::of(NONCE, name.as_bytes());
    let (nonce, _) = digest.as_bytes().split_first_chunk().expect("a digest is longer");
    (name, Nonce(*nonce))
}

fn id<T: Codec>(text: &str) -> Result<T, String> {
    let digest: Digest = text.parse().map_err(|bad: antfarm_identity::BadDigest| bad.to_string())?;
    from_bytes(&to_bytes(&digest)).map_err(|bad| bad.to_string())
}

fn writ(text: &str) -> Result<WritId, String> {
    id(text)
}

fn effect(text: &str) -> Result<EffectKey, String> {
    id(text)
}

fn span(text: &str) -> Result<Span, String> {
    antfarm_strict::span(text).map_err(|complaint| complaint.to_string())
}

fn money(text: &str) -> Result<u64, String> {
    let (number, scale) = text.strip_suffix("usdc").map_or((text, 1), |number| (number.trim_end(), 1_000_000));
    let number = Decimal::parse(number).ok_or("expected a number such as `20`, or `1.5usdc`")?;
    let parts = number.times(scale).ok_or("nothing is finer than a millionth of a usdc")?;
    u64::try_from(parts).map_err(|_| "so much money there is not".to_owned())
}
