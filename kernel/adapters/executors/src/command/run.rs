//! A command, from call to end: its arguments, its folder, and the helper that runs it.

use super::folder::Folder;
use super::{Command, Input};
use crate::cause::{Cause, Ran};
use crate::sandbox::{End, Event, Held, MAX_FRAME, Spec, frame};
use crate::secrets::Used;
use crate::template::{Part, Template, Unfit, Values};
use antfarm_identity::from_bytes;
use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdout};
use tokio::time::timeout;

/// How much longer than the command the helper may take.
const GRACE: Duration = Duration::from_secs(5);

/// Where commands are run.
pub(crate) struct Ground<'a> {
    /// The helper's path.
    pub(crate) helper: &'a Path,
    /// Below this, each call has a folder of its own.
    pub(crate) scratch: &'a Path,
    /// What the folder is called.
    pub(crate) name: String,
}

/// Runs a command for a call. `layers` is told what holds, before the command begins.
pub(crate) async fn run(
    command: &Command,
    values: &Values<'_>,
    secrets: &mut Used<'_>,
    ground: &Ground<'_>,
    layers: impl FnOnce(Vec<Held>),
) -> Ran {
    let folder = Folder::below(ground.scratch, &ground.name);
    let ran = run_in(&folder, command, values, secrets, ground.helper, layers).await;
    folder.leave().await;
    ran
}

async fn run_in(
    folder: &Folder,
    command: &Command,
    values: &Values<'_>,
    secrets: &mut Used<'_>,
    helper: &Path,
    layers: impl FnOnce(Vec<Held>),
) -> Ran {
    let spec = match spec(command, values, secrets, folder.path()) {
        Ok(spec) => spec,
        Err(cause) => return Ran::Failed(cause),
    };
    let unstarted = |what: &Path, error: &io::Error| Ran::Failed(Cause::Unstarted(format!("`{}`: {error}", what.display())));
    if let Err(error) = folder.make(command.user) {
        return unstarted(folder.path(), &error);
    }
    let started = tokio::process::Command::new(helper)
        .env_clear()
        .process_group(0)
        .kill_on_drop(true)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut helper = match started {
        Ok(started) => started,
        Err(error) => return unstarted(helper, &error),
    };
    let longest = Duration::from_nanos(command.limits.time.as_nanos()).saturating_add(GRACE);
    let ran = match timeout(longest, follow(&mut helper, &spec, command, layers)).await {
        Ok(ran) => ran,
        Err(_) => Ran::Unclear(Cause::TimedOut),
    };
    // Its standard input ended with `follow`: it ends, and whatever it runs. Killed, it takes the cell with it.
    if timeout(GRACE, helper.wait()).await.is_err() {
        drop(timeout(GRACE, helper.kill()).await);
    }
    ran
}

fn spec(command: &Command, values: &Values<'_>, secrets: &mut Used<'_>, folder: &Path) -> Result<Spec, Cause> {
    let mut environment = Vec::new();
    for (name, text) in &command.environment {
        environment.push((name.clone(), text.fill(values, plain).map_err(Cause::Unfit)?));
    }
    for (name, secret) in &command.secrets {
        let unusable = |why| Cause::Secret { name: secret.clone(), why };
        let value = secrets.take(secret).map_err(unusable)?;
        let text = std::str::from_utf8(value.bytes()).ok().filter(|text| !text.contains('\0'));
        environment.push((name.clone(), text.ok_or_else(|| unusable(crate::secrets::NoSecret::Unfit))?.to_owned()));
    }
    let input = match &command.input {
        Input::Nothing => Vec::new(),
        Input::Args => values.args().to_vec(),
        Input::Text(text) => text.fill(values, Ok).map_err(Cause::Unfit)?.into_bytes(),
    };
    Ok(Spec {
        argv: arguments(&command.argv, values).map_err(Cause::Unfit)?,
        environment,
        input,
        folder: folder.to_str().ok_or_else(|| Cause::Unstarted("the scratch folder's name is not UTF-8".to_owned()))?.to_owned(),
        read: command.read.clone(),
        write: command.write.clone(),
        limits: command.limits,
        user: command.user,
        best_effort: command.best_effort,
    })
}

/// A value without NUL, which would end the argument.
fn plain(value: Cow<'_, str>) -> Result<Cow<'_, str>, Unfit> {
    if value.contains('\0') { Err(Unfit::Value { because: "an argument holds no NUL" }) } else { Ok(value) }
}

/// The arguments: each template makes one. Where a value begins one, it is no option unless `--` stands before it.
fn arguments(argv: &[Template], values: &Values<'_>) -> Result<Vec<String>, Unfit> {
    let mut arguments = Vec::new();
    let mut only_operands = false;
    for template in argv {
        let argument = template.fill(values, plain)?;
        let begins_with_value = matches!(template.parts().first(), Some(Part::Slot(_)));
        if begins_with_value && argument.starts_with('-') && !only_operands {
            return Err(Unfit::Value { because: "a value begins with `-`, and no `--` stands before it" });
        }
        only_operands |= template.fixed() == Some("--");
        arguments.push(argument);
    }
    Ok(arguments)
}

/// Tells the helper what to do and hears what becomes of it.
async fn follow(helper: &mut Child, spec: &Spec, command: &Command, layers: impl FnOnce(Vec<Held>)) -> Ran {
    let mut input = helper.stdin.take().expect("it was asked for");
    let mut output = helper.stdout.take().expect("it was asked for");
    if input.write_all(&frame(spec)).await.is_err() {
        // It had not read what to do.
        return Ran::Failed(Cause::HelperDied);
    }
    let mut layers = Some(layers);
    let mut written = Vec::new();
    loop {
        match event(&mut output).await {
            Ok(Event::Began(held)) => {
                if let Some(layers) = layers.take() {
                    layers(held);
                }
            }
            Ok(Event::Wrote(bytes)) => written.extend_from_slice(&bytes),
            Ok(Event::Refused(held)) => return Ran::Failed(Cause::Sandbox(held)),
            Ok(Event::Unstarted(why)) => return Ran::Failed(Cause::Unstarted(why)),
            Ok(Event::Ended { end, complaint: _ }) => return ended(end, written, command),
            // It may have been killed at any moment, also when the command was under way.
            Err(_) => return Ran::Unclear(Cause::HelperDied),
        }
    }
}

fn ended(end: End, written: Vec<u8>, command: &Command) -> Ran {
    match end {
        End::Exited(0) => Ran::Done(written),
        End::Exited(status) if command.failed.contains(&status) => Ran::Failed(Cause::Exited(status)),
        End::Exited(status) => Ran::Unclear(Cause::Exited(status)),
        End::Signalled(signal) => Ran::Unclear(Cause::Signalled(signal)),
        End::TimedOut => Ran::Unclear(Cause::TimedOut),
        End::Flooded => Ran::Unclear(Cause::Flooded),
    }
}

async fn event(output: &mut ChildStdout) -> io::Result<Event> {
    let length = output.read_u32_le().await? as usize;
    if length > MAX_FRAME {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).await?;
    from_bytes(&body).map_err(|_| io::ErrorKind::InvalidData.into())
}
