//! What the tool says to a daemon, and what it makes of the answers.

use crate::act::Deed;
use crate::args::{ClientVerb, Terms, Where};
use crate::{exit, say, words};
use antfarm_authority::{
    Amount, Bytes, Calls, Ceiling, Delegation, Grant, Name, Nonce, Offer, Refusal, Scope, Scopes, Text, Tokens, Usdc, Window,
    WritId,
};
use antfarm_daemon::control::{Command, MAX_LINES, Said, Status, WritLine};
use antfarm_daemon::{Client, Config, key_file};
use antfarm_identity::{Digest, Domain, PublicKey, to_bytes};
use antfarm_machine::{Span, Wall};
use antfarm_node::{Answer, Ask, EntityArgs, Notice, Reason, Wish, home_name};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const NONCE: Domain = Domain::new("antfarm 2026 daemon nonce");

const ODD: &str = "the daemon answered something else";

/// How long a wish is told again while its writ, or the word that it stands, is on its way.
const STANDS_WITHIN: Duration = Duration::from_secs(3);

/// How long a daemon may take until it can be asked.
const STARTS_WITHIN: Duration = Duration::from_secs(3);

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
            Self::Act { at, writ, entity, id, action, params, why, within, until, nonce } => {
                let until = until.unwrap_or_else(|| seconds(now() + within));
                let (name, nonce) = named(nonce);
                let again = format!("--nonce {name} --until {until}");
                let (entity, id, action) = (&entity, &id, &action);
                let mut desk = at.reach()?;
                let deed = Deed::read(&desk.config, entity, action)?;
                let params = deed.params(&params, &mut |id| desk.placed(id))?;
                let wish = Wish {
                    writ,
                    nonce,
                    until: second(until),
                    tool: Name::new(&format!("{entity}.{action}")).map_err(|bad| bad.to_string())?,
                    target: Text::new(&desk.placed_here(id)?).map_err(|bad| bad.to_string())?,
                    args: Bytes::new(&to_bytes(&EntityArgs::new(params))).map_err(|bad| bad.to_string())?,
                    rationale: Text::new(&why).map_err(|bad| bad.to_string())?,
                };
                desk.deed = Some(deed);
                desk.wish(&wish, &again)
            }
            Self::Entity { at, entity, id } => {
                let mut desk = at.reach()?;
                let id = desk.placed_here(&id)?;
                desk.tell(Command::Entity { entity, id })
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
    /// What an entity is asked to do, if that is asked: it knows the words for why it does not.
    deed: Option<Deed>,
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
        Ok(Reached { config, client, deed: None })
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

    /// An id with the key of its home behind the last `@`, where a name was.
    fn placed(&mut self, id: &str) -> Result<String, String> {
        match id.rsplit_once('@') {
            Some((own, home)) => Ok(format!("{own}@{}", home_name(&self.key(home)?))),
            None => Ok(id.to_owned()),
        }
    }

    /// The same; without an `@` it lives at the node.
    fn placed_here(&mut self, id: &str) -> Result<String, String> {
        if id.contains('@') { self.placed(id) } else { self.placed(&format!("{id}@me")) }
    }

    /// What the daemon knows of a writ.
    fn line(&mut self, writ: WritId) -> Result<WritLine, String> {
        let Said::Writs(lines) = self.say(Command::Writ(writ))? else { return Err(ODD.to_owned()) };
        lines.into_iter().next().ok_or_else(|| "the node does not know the writ".to_owned())
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
            Said::Notice(Notice::Answered { answer: Answer::Refused(Reason::Entity(refused)), .. }) => {
                let why = self.deed.as_ref().map_or_else(|| refused.to_string(), |deed| deed.explain(refused));
                (format!("refused: {why}"), exit::REFUSED)
            }
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
            Said::Entity(Some(entity)) => (words::entity(entity), exit::DONE),
            Said::Entity(None) => ("no such entity lives there".to_owned(), exit::REFUSED),
            Said::Text(text) => (text.trim_end().to_owned(), exit::DONE),
        }
    }

    /// Lists the writs, with names for keys.
    fn writs(&mut self) -> Result<u8, String> {
        let me = self.key("me")?;
        let mut after = None;
        loop {
            let Said::Writs(lines) = self.say(Command::Writs { after })? else { return Err(ODD.to_owned()) };
            self.list(&me, &lines);
            after = match lines.last() {
                Some(last) if lines.len() == MAX_LINES => Some(crate::args::writ(&last.writ.to_string())?),
                Some(_) | None => return Ok(exit::DONE),
            };
        }
    }

    fn list(&self, me: &PublicKey, lines: &[WritLine]) {
        let who = |key: &PublicKey| match self.config.called(key) {
            Some(name) => name.to_owned(),
            None if key == me => self.config.name.clone(),
            None => key.to_string(),
        };
        for it in lines {
            let here = it.free.map_or_else(String::new, |free| {
                format!(", kept here: {} calls, {} millionths of a USDC free", free.calls, free.money)
            });
            let dead = if it.revoked { ", revoked" } else { "" };
            say::line(&format!("{} from {} to {}{here}{dead}", it.writ, who(&it.issuer), who(&it.subject)));
        }
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
