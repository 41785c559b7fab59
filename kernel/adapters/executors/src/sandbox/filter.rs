//! The filter of system calls: a list of what no command needs that only computes.
//!
//! A list of what is denied, not of what is allowed: commands are any programs. What is denied opens sockets, changes mounts,
//! namespaces, clocks or the kernel, looks into other processes, keeps secrets in the kernel, or changes what Landlock does not
//! guard. Calls of another architecture end the process; calls of the x32 interface are denied as the plain ones are.

use nix::libc;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, apply_filter,
};
use std::collections::BTreeMap;

/// Denied, whatever their arguments.
const DENIED: &[i64] = &[
    // Sockets, and what could open one out of sight.
    libc::SYS_socket,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // Mounts, namespaces, other roots.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    // The kernel.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_syslog,
    libc::SYS_fanotify_init,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    // What Landlock does not guard. What was opened may be changed: that it guards.
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
];

/// Of this architecture only.
#[cfg(target_arch = "x86_64")]
const HERE: &[i64] = &[
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_kexec_file_load,
    // Of x32 only, by their numbers there: ptrace, kexec_load, process_vm_readv and process_vm_writev.
    X32 + 521,
    X32 + 528,
    X32 + 539,
    X32 + 540,
];
#[cfg(not(target_arch = "x86_64"))]
const HERE: &[i64] = &[];

/// What a number of the x32 interface has set.
const X32: i64 = 0x4000_0000;

/// New namespaces by way of a new process.
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWCGROUP,
];

/// Applies it to this process and all that come from it.
pub(super) fn apply() -> Result<(), String> {
    // Its flags lie in memory, where a filter cannot look: programs are told that it does not exist, and fall back.
    let unseen = BTreeMap::from([(libc::SYS_clone3, vec![]), (X32 | libc::SYS_clone3, vec![])]);
    let mut denied: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for call in DENIED.iter().chain(HERE) {
        denied.insert(*call, vec![]);
        denied.insert(*call | X32, vec![]);
    }
    let flagged = NAMESPACES.into_iter().map(|flag| {
        let flag = u64::from(flag.cast_unsigned());
        when(0, SeccompCmpOp::MaskedEq(flag), flag)
    });
    let flagged = flagged.collect::<Result<Vec<_>, _>>()?;
    // Characters put into a terminal are read by whoever uses it next. As 32 bits, for that is all that the kernel looks at.
    let typed = [libc::TIOCSTI, libc::TIOCLINUX].map(|request| when(1, SeccompCmpOp::Eq, request));
    let typed = typed.into_iter().collect::<Result<Vec<_>, _>>()?;
    for (call, rules) in [(libc::SYS_clone, flagged), (libc::SYS_ioctl, typed)] {
        denied.insert(call, rules.clone());
        denied.insert(call | X32, rules);
    }
    install(unseen, libc::ENOSYS)?;
    install(denied, libc::EPERM)
}

fn when(argument: u8, compare: SeccompCmpOp, value: u64) -> Result<SeccompRule, String> {
    let condition =
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, compare, value).map_err(|error| error.to_string())?;
    SeccompRule::new(vec![condition]).map_err(|error| error.to_string())
}

fn install(rules: BTreeMap<i64, Vec<SeccompRule>>, error: i32) -> Result<(), String> {
    let here = std::env::consts::ARCH.try_into().map_err(|_| format!("no filter is known for `{}`", std::env::consts::ARCH))?;
    let denied = SeccompAction::Errno(error.cast_unsigned());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, denied, here).map_err(|error| error.to_string())?;
    let program: BpfProgram = filter.try_into().map_err(|error: seccompiler::BackendError| error.to_string())?;
    apply_filter(&program).map_err(|error| error.to_string())
}
