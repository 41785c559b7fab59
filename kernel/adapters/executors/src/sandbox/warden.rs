//! The warden: starts the cell in new namespaces, passes its output on, and sees to it that it ends, whatever it does.
//!
//! One thread: a user namespace cannot be entered by more, and a thread would count as one of the command's processes.

use super::cell::{ARGUMENT, Mark, UNSTARTED};
use super::namespaces;
use super::wire::{End, Event, Layer, Spec, frame, read_frame};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How much is kept of what a command writes to its standard error, in bytes.
const COMPLAINT: usize = 4 << 10;

/// How often it looks whether a command ended that keeps its output open.
const TICK: Duration = Duration::from_millis(20);

pub(super) fn run() -> ExitCode {
    match supervise() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever started the warden went away, and the cell with it.
        Err(_) => ExitCode::FAILURE,
    }
}

fn say(event: &Event) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(&frame(event))?;
    out.flush()
}

fn supervise() -> io::Result<()> {
    let spec: Spec = read_frame(&mut io::stdin())?;
    // What a command leaves behind becomes the warden's, to be ended.
    prctl::set_child_subreaper(true)?;
    let mut mark = Mark::default();
    File::open("/dev/urandom")?.read_exact(&mut mark)?;
    let mut held = namespaces::enter(&spec);
    if let Some(missing) = held.iter().find(|it| it.missing.is_some() && !spec.best_effort) {
        return say(&Event::Refused(missing.clone()));
    }
    let all_die = held.iter().any(|it| it.layer == Layer::Processes && it.missing.is_none());
    let start = Command::new("/proc/self/exe")
        .arg(ARGUMENT)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match start {
        Ok(child) => child,
        Err(error) => return say(&Event::Unstarted(format!("the cell: {error}"))),
    };
    let mut input = child.stdin.take().expect("it was asked for");
    let told = input.write_all(&frame(&(mark, Spec { input: Vec::new(), ..spec.clone() })));
    let first = told.and_then(|()| read_frame::<Event>(child.stderr.as_mut().expect("it was asked for")));
    let cell = match first {
        Ok(Event::Began(cell)) => cell,
        Ok(other) => return say(&other),
        Err(error) => return say(&Event::Unstarted(format!("the cell ended early: {error}"))),
    };
    held.extend(cell);
    say(&Event::Began(held))?;
    let (end, complaint) = watch(&mut child, input, &spec, all_die)?;
    match complaint.strip_prefix(&mark) {
        Some(why) if end == End::Exited(UNSTARTED) => say(&Event::Unstarted(String::from_utf8_lossy(why).into_owned())),
        Some(_) | None => say(&Event::Ended { end, complaint }),
    }
}

/// What is copied from and to a command until it is over.
struct Copying<'a> {
    input: Option<ChildStdin>,
    unwritten: &'a [u8],
    allowed: u64,
    complaint: Vec<u8>,
}

fn watch(child: &mut Child, input: ChildStdin, spec: &Spec, all_die: bool) -> io::Result<(End, Vec<u8>)> {
    fcntl(&input, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    let until = Instant::now() + Duration::from_nanos(spec.limits.time.as_nanos());
    let mut copying = Copying { input: Some(input), unwritten: &spec.input, allowed: spec.limits.output, complaint: Vec::new() };
    let cut = copying.run(child, until);
    // Whether it ended by itself or not: nothing of it is left when this returns.
    let status = finish(child, all_die)?;
    let end = match cut? {
        Some(end) => end,
        None => ended(status),
    };
    Ok((end, copying.complaint))
}

fn ended(status: ExitStatus) -> End {
    match (status.code().and_then(|code| u8::try_from(code).ok()), status.signal()) {
        (Some(code), _) => End::Exited(code),
        (None, signal) => End::Signalled(signal.unwrap_or_default().unsigned_abs()),
    }
}

impl Copying<'_> {
    /// Copies until the command ended, or must. An error: whoever started the warden went away.
    fn run(&mut self, child: &mut Child, until: Instant) -> io::Result<Option<End>> {
        let mut output = child.stdout.take();
        let mut errors = child.stderr.take();
        let mut buffer = vec![0; 32 << 10];
        let mut gone = false;
        while output.is_some() || errors.is_some() {
            let now = Instant::now();
            if now >= until {
                return Ok(Some(End::TimedOut));
            }
            if self.unwritten.is_empty() {
                self.input = None;
            }
            let lifeline = io::stdin();
            let readable = |file| PollFd::new(file, PollFlags::POLLIN);
            let mut polled = vec![readable(lifeline.as_fd())];
            let at_output = output.as_ref().map(|it| push(&mut polled, readable(it.as_fd())));
            let at_errors = errors.as_ref().map(|it| push(&mut polled, readable(it.as_fd())));
            let at_input = self.input.as_ref().map(|it| push(&mut polled, PollFd::new(it.as_fd(), PollFlags::POLLOUT)));
            let wait = PollTimeout::try_from(TICK.min(until - now)).unwrap_or(PollTimeout::ZERO);
            poll(&mut polled, wait)?;
            let is_ready = |at: Option<usize>| at.is_some_and(|at| polled[at].any().unwrap_or(false));
            let (ended, out, complained, writable) =
                (is_ready(Some(0)), is_ready(at_output), is_ready(at_errors), is_ready(at_input));
            drop(polled);
            if ended && nix::unistd::read(lifeline, &mut buffer)? == 0 {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            if writable {
                self.feed();
            }
            if out && let Some(from) = &mut output {
                match from.read(&mut buffer)? {
                    0 => output = None,
                    count if count as u64 > self.allowed => return Ok(Some(End::Flooded)),
                    count => {
                        self.allowed -= count as u64;
                        say(&Event::Wrote(buffer[..count].to_vec()))?;
                    }
                }
            }
            if complained && let Some(from) = &mut errors {
                match from.read(&mut buffer)? {
                    0 => errors = None,
                    count => {
                        let room = COMPLAINT.saturating_sub(self.complaint.len()).min(count);
                        self.complaint.extend_from_slice(&buffer[..room]);
                    }
                }
            }
            // What it started may keep its output open: that does not keep it alive. What it wrote before it ended is read first.
            if !out && !complained && gone {
                return Ok(None);
            }
            gone = child.try_wait()?.is_some();
        }
        // It closed its output. It may work on.
        loop {
            if child.try_wait()?.is_some() {
                return Ok(None);
            }
            if Instant::now() >= until {
                return Ok(Some(End::TimedOut));
            }
            let lifeline = io::stdin();
            let mut polled = [PollFd::new(lifeline.as_fd(), PollFlags::POLLIN)];
            if poll(&mut polled, PollTimeout::from(1_u8))? > 0 && nix::unistd::read(&lifeline, &mut buffer)? == 0 {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
    }

    /// Writes what fits. A command need not read its input.
    fn feed(&mut self) {
        let Some(input) = &mut self.input else { return };
        match input.write(self.unwritten) {
            Ok(count) => self.unwritten = &self.unwritten[count..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => self.unwritten = &[],
        }
    }
}

fn push<'a>(list: &mut Vec<PollFd<'a>>, it: PollFd<'a>) -> usize {
    list.push(it);
    list.len() - 1
}

/// Ends the cell, and waits for it and all that it left.
fn finish(child: &mut Child, all_die: bool) -> io::Result<ExitStatus> {
    let status = match child.try_wait()? {
        Some(status) => status,
        None => {
            child.kill()?;
            child.wait()?
        }
    };
    if !all_die {
        end_orphans();
    }
    Ok(status)
}

/// Without a process namespace: ends what became the warden's, until nothing is left. What forks all the time may win for a while,
/// and has no more than its limit of processes to do so with.
fn end_orphans() {
    let me = Pid::this();
    while waitpid(None, Some(WaitPidFlag::WNOHANG)).is_ok() {
        let all = fs::read_dir("/proc").into_iter().flatten().flatten();
        for pid in all.filter_map(|it| it.file_name().to_str()?.parse::<i32>().ok()) {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // The name, in parentheses, may hold anything; behind it: state, parent.
            let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().nth(1)?.parse::<i32>().ok());
            if parent == Some(me.as_raw()) {
                // It may have ended meanwhile.
                kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap_or_default();
            }
        }
    }
}
