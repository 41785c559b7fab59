//! The command line: what can be said to `antfarmd`.

use antfarm_authority::{EffectKey, WritId};
use antfarm_identity::{Codec, Digest, from_bytes, to_bytes};
use antfarm_machine::Span;
use antfarm_strict::Decimal;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// One node of a governed colony, and what asks it.
#[derive(Parser)]
#[command(
    name = "antfarmd",
    version,
    after_help = "Exit status:\n  0  done\n  1  refused or declined\n  2  bad input, or no daemon answers\n  3  a daemon could not go on\n  4  not decided yet: in doubt, pending or busy; ask again with the same --nonce"
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
    pub(crate) config: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct Terms {
    /// To whom: a peer's name, `me`, or a public key
    #[arg(long)]
    pub(crate) to: String,
    /// Where it lives: a peer's name, `me`, or a public key; without it the one that it is given to
    #[arg(long)]
    pub(crate) home: Option<String>,
    /// Which tools, such as `bank.*`; may be given more than once
    #[arg(long = "tool", required = true)]
    pub(crate) tools: Vec<String>,
    /// How much money, in millionths of a USDC, or such as `50usdc`
    #[arg(long, default_value = "0", value_parser = money)]
    pub(crate) spend: u64,
    /// How many calls
    #[arg(long, default_value_t = 1_000)]
    pub(crate) calls: u64,
    /// How many tokens of minds
    #[arg(long, default_value_t = 0)]
    pub(crate) tokens: u64,
    /// For how long from now, such as `1h`; without it as long as its parent, or an hour
    #[arg(long, value_parser = span, conflicts_with = "until")]
    pub(crate) lasts: Option<Span>,
    /// From when on, in seconds since 1970; without it from now on
    #[arg(long)]
    pub(crate) since: Option<u64>,
    /// Until when, in seconds since 1970
    #[arg(long)]
    pub(crate) until: Option<u64>,
    /// The bound of its revocation; without it as its parent's, or 10s
    #[arg(long, value_parser = span)]
    pub(crate) freshness: Option<Span>,
    /// How many generations of parts may follow
    #[arg(long, default_value_t = 0)]
    pub(crate) depth: u8,
    /// Tools whose effect cannot be taken back may be called, too
    #[arg(long)]
    pub(crate) irreversible: bool,
    /// A name of the ask: told again with it, and the same times, it is the same ask
    #[arg(long, requires_all = ["since", "until"])]
    pub(crate) nonce: Option<String>,
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
    /// Have an entity that lives at the node act; `Create` (`New`, where the type has an action `Create`) creates it
    Act {
        #[command(flatten)]
        at: Where,
        /// Under which writ
        #[arg(long, value_parser = writ)]
        writ: WritId,
        /// Its type
        entity: String,
        /// Its id; behind an `@` its home, a peer's name, `me` or a key; without one it lives at the node
        id: String,
        /// The action
        action: String,
        /// Parameters (of a creation, variables): `name=value`; elements of lists are separated by commas
        #[arg(value_name = "NAME=VALUE")]
        params: Vec<String>,
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
    /// Tell what an entity that lives at the node is
    Entity {
        #[command(flatten)]
        at: Where,
        /// Its type
        entity: String,
        /// Its id, as for `act`
        id: String,
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

fn id<T: Codec>(text: &str) -> Result<T, String> {
    let digest: Digest = text.parse().map_err(|bad: antfarm_identity::BadDigest| bad.to_string())?;
    from_bytes(&to_bytes(&digest)).map_err(|bad| bad.to_string())
}

pub(crate) fn writ(text: &str) -> Result<WritId, String> {
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
