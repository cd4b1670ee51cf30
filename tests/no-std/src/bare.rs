//! The parts that a program without std and libc has to bring along, on Linux on x86-64. They are its start, its end,
//! its panic handler, and the functions on memory that the compiler emits calls to.

use core::arch::{asm, global_asm};
use core::panic::PanicInfo;

/// The exit code of a panic: above the number of any check.
const PANICKED: u8 = 101;

// The kernel enters here, with no return address and the stack at a multiple of 16, as `call` needs it.
global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "and rsp, -16",
    "call {start}",
    "ud2",
    start = sym start,
);

extern "C" fn start() -> ! {
    exit(crate::run())
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    write("no_std: panicked at ");
    write(info.location().map_or("?", |location| location.file()));
    write("\n");
    exit(PANICKED)
}

/// The precompiled `core` names this for unwinding, which this program never does.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// Ends the process.
fn exit(code: u8) -> ! {
    const EXIT: usize = 60;
    // SAFETY: the call takes one number, touches no memory of ours and does not return.
    unsafe {
        asm!("syscall", in("rax") EXIT, in("rdi") usize::from(code), options(noreturn, nostack));
    }
}

/// Writes to standard error, as far as it goes: there is nowhere to report that it did not.
pub(crate) fn write(text: &str) {
    const WRITE: usize = 1;
    const STANDARD_ERROR: usize = 2;
    // SAFETY: the call only reads `text`; the registers that it overwrites are named.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") WRITE => _,
            in("rdi") STANDARD_ERROR,
            in("rsi") text.as_ptr(),
            in("rdx") text.len(),
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack, readonly),
        );
    }
}

/// # Safety
///
/// As in C: both spans are valid and do not overlap.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, length: usize) -> *mut u8 {
    // In assembly, since a loop could itself be compiled into a call of this function. So below.
    // SAFETY: the caller's promise; the direction flag is clear by the calling convention.
    unsafe {
        asm!("rep movsb", inout("rcx") length => _, inout("rdi") to => _, inout("rsi") from => _, options(nostack));
    }
    to
}

/// # Safety
///
/// As in C: both spans are valid; they may overlap.
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, length: usize) -> *mut u8 {
    if (to as usize).wrapping_sub(from as usize) >= length {
        // SAFETY: going up reads each byte before it is overwritten.
        return unsafe { memcpy(to, from, length) };
    }
    // SAFETY: `from` is below `to` and they overlap, so going down does. The flag is restored.
    unsafe {
        asm!(
            "std",
            "rep movsb",
            "cld",
            inout("rcx") length => _,
            inout("rdi") to.add(length).wrapping_sub(1) => _,
            inout("rsi") from.add(length).wrapping_sub(1) => _,
            options(nostack),
        );
    }
    to
}

/// # Safety
///
/// As in C: the span is valid.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, length: usize) -> *mut u8 {
    // SAFETY: the caller's promise; the direction flag is clear by the calling convention.
    unsafe {
        asm!("rep stosb", inout("rcx") length => _, inout("rdi") to => _, in("al") byte as u8, options(nostack));
    }
    to
}

/// # Safety
///
/// As in C: both spans are valid.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(one: *const u8, two: *const u8, length: usize) -> i32 {
    for at in 0..length {
        // SAFETY: `at` is within both spans. Volatile, so that this is not compiled into a call of itself.
        let (one, two) = unsafe { (one.add(at).read_volatile(), two.add(at).read_volatile()) };
        if one != two {
            return i32::from(one) - i32::from(two);
        }
    }
    0
}

/// # Safety
///
/// As [`memcmp`].
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(one: *const u8, two: *const u8, length: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { memcmp(one, two, length) }
}
