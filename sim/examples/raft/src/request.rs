//! Clients' operations, from arrival to answer (thesis chapter 6).

use crate::server::{Server, Stance};
use crate::state::Known;
use crate::{Body, Command, Entry, Message, Node, Notice, Payload, Verdict};
use alloc::sync::Arc;
use antfarm_machine::{Effects, PeerId, reached};

impl Server {
    pub(crate) fn requested(&mut self, client: PeerId, sequence: u64, command: Command, out: &mut Effects<'_, Node>) {
        match &self.stance {
            Stance::Leader(_) => {}
            Stance::Follower(following) => {
                return reply(client, sequence, Verdict::Redirect { leader: following.leader }, out);
            }
            Stance::PreCandidate { .. } | Stance::Candidate { .. } => {
                return reply(client, sequence, Verdict::Redirect { leader: None }, out);
            }
        }
        match self.state.recall(client, sequence) {
            Known::Applied(answer) => reply(client, sequence, Verdict::Answered(answer), out),
            Known::Superseded => {}
            Known::New => match command {
                Command::Get { key } => self.read(client, sequence, key, out),
                Command::Put { .. } | Command::Add { .. } | Command::Cas { .. } => {
                    self.propose(Payload::Write { client, sequence, command }, client, sequence, out);
                }
            },
        }
    }

    /// Appends an operation to the leader's log. The answer follows when it is committed.
    fn propose(&mut self, payload: Payload, client: PeerId, sequence: u64, out: &mut Effects<'_, Node>) {
        if self.log.newest_down_to(self.applied).any(|entry| entry.payload.is(client, sequence)) {
            reached!("raft.retry_while_pending");
        } else if self.log.len() >= self.config.window / 2 {
            reached!("raft.log_full");
            reply(client, sequence, Verdict::Busy, out);
        } else {
            self.log.push(Entry { term: self.term(), payload });
            self.feed_all(out);
        }
    }

    /// Commits everything up to `index`, applies it, and answers the clients if this server leads.
    pub(crate) fn commit_to(&mut self, index: u64, out: &mut Effects<'_, Node>) {
        assert!(index > self.commit && index <= self.log.last(), "commits move forward within the log");
        self.commit = index;
        let leads = matches!(self.stance, Stance::Leader(_));
        let state = Arc::make_mut(&mut self.state);
        while self.applied < self.commit {
            self.applied += 1;
            let entry = self.log.entry(self.applied).expect("the window begins no later than what is applied ends");
            let answer = state.apply(self.applied, entry, self.config.sessions);
            out.tell(Notice::Applied { index: self.applied, term: entry.term, digest: state.digest() });
            if let (true, Some(answer), Payload::Write { client, sequence, .. }) = (leads, answer, entry.payload) {
                reply(client, sequence, Verdict::Answered(answer), out);
            }
        }
    }
}

/// Answers a client.
pub(crate) fn reply(client: PeerId, sequence: u64, verdict: Verdict, out: &mut Effects<'_, Node>) {
    out.send(client, Message::seal(Body::Reply { sequence, verdict }));
}
