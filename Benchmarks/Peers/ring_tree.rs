//! The ring and the tree of MEASUREMENT.md, section 2, in Rust: one sample in one process.
//!
//!     ring_tree ring|tree2 strong|weak NODES
//!
//! Builds the graph, drops its root and trims the heap; before that and after each step it prints
//! a line of `column=value`, by the names of the report's columns. Exit status: 0, 2 where the
//! process cannot be measured, 64 for other arguments; the runtime aborts where no memory is left.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::rc::{Rc, Weak};
use std::time::Instant;

thread_local! {
    // The model's own counters.
    static CREATED: Cell<i64> = const { Cell::new(0) };
    static DEINITED: Cell<i64> = const { Cell::new(0) };
}

/// A kind of back link: what it stores to refer to a node.
trait BackLink {
    type Reference<Node>: Default;
    fn to<Node>(node: &Rc<Node>) -> Self::Reference<Node>;
}

struct StrongLink;

impl BackLink for StrongLink {
    type Reference<Node> = Option<Rc<Node>>;
    fn to<Node>(node: &Rc<Node>) -> Option<Rc<Node>> {
        Some(Rc::clone(node))
    }
}

struct WeakLink;

impl BackLink for WeakLink {
    type Reference<Node> = Weak<Node>;
    fn to<Node>(node: &Rc<Node>) -> Weak<Node> {
        Rc::downgrade(node)
    }
}

/// A graph that its root owns.
trait Graph: Sized {
    fn build(nodes: i64) -> Rc<Self>;
}

/// A node of the ring.
struct ChainNode<Back: BackLink> {
    next: RefCell<Option<Rc<Self>>>,
    back: RefCell<Back::Reference<Self>>,
    #[allow(dead_code)] // Part of the model; nothing reads it.
    value: i64,
}

impl<Back: BackLink> ChainNode<Back> {
    fn new(value: i64) -> Rc<Self> {
        CREATED.set(CREATED.get() + 1);
        Rc::new(Self {
            next: RefCell::default(),
            back: RefCell::default(),
            value,
        })
    }
}

impl<Back: BackLink> Graph for ChainNode<Back> {
    fn build(nodes: i64) -> Rc<Self> {
        let first = Self::new(0);
        let mut last = Rc::clone(&first);
        for value in 1..nodes {
            let node = Self::new(value);
            node.back.replace(Back::to(&last));
            last.next.replace(Some(Rc::clone(&node)));
            last = node;
        }
        first.back.replace(Back::to(&last));
        first
    }
}

/// Takes the chain of owners apart link by link, as far as nothing else owns them. Left to the
/// fields' drops it would recurse, a few stack frames for each node, and overflow the stack.
impl<Back: BackLink> Drop for ChainNode<Back> {
    fn drop(&mut self) {
        DEINITED.set(DEINITED.get() + 1);
        let mut next = self.next.take();
        while let Some(node) = next {
            if Rc::strong_count(&node) > 1 {
                break;
            }
            next = node.next.take();
        }
    }
}

/// A node of the binary tree, which is as deep as its logarithm: its release may recurse.
struct TreeNode<Back: BackLink> {
    left: RefCell<Option<Rc<Self>>>,
    right: RefCell<Option<Rc<Self>>>,
    parent: RefCell<Back::Reference<Self>>,
    #[allow(dead_code)] // Part of the model; nothing reads it.
    value: i64,
}

impl<Back: BackLink> TreeNode<Back> {
    /// Position i of the level order has the children 2i + 1 and 2i + 2.
    fn build_from(position: i64, nodes: i64) -> Rc<Self> {
        CREATED.set(CREATED.get() + 1);
        let node = Rc::new(Self {
            left: RefCell::default(),
            right: RefCell::default(),
            parent: RefCell::default(),
            value: position,
        });
        if 2 * position + 1 < nodes {
            let left = Self::build_from(2 * position + 1, nodes);
            left.parent.replace(Back::to(&node));
            node.left.replace(Some(left));
        }
        if 2 * position + 2 < nodes {
            let right = Self::build_from(2 * position + 2, nodes);
            right.parent.replace(Back::to(&node));
            node.right.replace(Some(right));
        }
        node
    }
}

impl<Back: BackLink> Graph for TreeNode<Back> {
    fn build(nodes: i64) -> Rc<Self> {
        Self::build_from(0, nodes)
    }
}

impl<Back: BackLink> Drop for TreeNode<Back> {
    fn drop(&mut self) {
        DEINITED.set(DEINITED.get() + 1);
    }
}

/// What the standard library does not offer of glibc; std's own allocator is its malloc.
mod glibc {
    use std::os::raw::{c_int, c_long};

    /// struct mallinfo2 (mallinfo(3)).
    #[repr(C)]
    pub struct HeapCounters {
        pub arena: usize,
        pub ordblks: usize,
        pub smblks: usize,
        pub hblks: usize,
        pub hblkhd: usize,
        pub usmblks: usize,
        pub fsmblks: usize,
        pub uordblks: usize,
        pub fordblks: usize,
        pub keepcost: usize,
    }

    /// struct rusage (getrusage(2)): two times of two words, and 14 counts.
    #[repr(C)]
    #[derive(Default)]
    pub struct Usage {
        times: [c_long; 4],
        counts: [c_long; 14],
    }

    extern "C" {
        fn mallinfo2() -> HeapCounters;
        fn malloc_trim(keep_bytes: usize) -> c_int;
        fn getrusage(who: c_int, usage: *mut Usage) -> c_int;
    }

    pub fn read_heap() -> HeapCounters {
        // SAFETY: takes no argument and returns a plain struct.
        unsafe { mallinfo2() }
    }

    pub fn trim() {
        // SAFETY: gives back free memory only.
        unsafe { malloc_trim(0) };
    }

    pub fn minor_faults() -> u64 {
        let mut usage = Usage::default();
        // SAFETY: 0 is RUSAGE_SELF, and `usage` is a whole struct rusage.
        unsafe { getrusage(0, &mut usage) };
        // After ru_maxrss, ru_ixrss, ru_idrss and ru_isrss.
        usage.counts[4] as u64
    }
}

fn fail(what: &str, why: &dyn std::fmt::Display) -> ! {
    eprintln!("ring_tree: {what}: {why}");
    std::process::exit(2)
}

/// Text of a fixed capacity, which takes nothing from the heap.
struct Text {
    bytes: [u8; 4096],
    count: usize,
}

impl Text {
    fn new() -> Self {
        Self {
            bytes: [0; 4096],
            count: 0,
        }
    }

    /// A file of /proc, cut at the capacity.
    fn of_file(path: &str) -> Self {
        let mut text = Self::new();
        let mut file = File::open(path).unwrap_or_else(|error| fail(path, &error));
        while text.count < text.bytes.len() {
            match file.read(&mut text.bytes[text.count..]) {
                Ok(0) => break,
                Ok(count) => text.count += count,
                Err(error) => fail(path, &error),
            }
        }
        text
    }

    /// Bytes of the line `NAME:  123 kB`; `name` has the colon.
    fn kilobyte_field(&self, name: &str) -> u64 {
        std::str::from_utf8(&self.bytes[..self.count])
            .ok()
            .and_then(|text| text.lines().find_map(|line| line.strip_prefix(name)))
            .and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok())
            .map_or_else(
                || fail(name, &"no such field"),
                |kilobytes| kilobytes * 1024,
            )
    }
}

impl std::fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.count + text.len();
        self.bytes
            .get_mut(self.count..end)
            .ok_or(std::fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.count = end;
        Ok(())
    }
}

/// Prints a line to `output`. `nanoseconds` of the step that led here.
fn print_checkpoint(output: &mut File, phase: &str, nanoseconds: Option<u128>) {
    let heap = glibc::read_heap();
    let rollup = Text::of_file("/proc/self/smaps_rollup");
    let status = Text::of_file("/proc/self/status");
    let deinited = DEINITED.get();
    let columns: [(&str, u64); 13] = [
        ("rss_bytes", rollup.kilobyte_field("Rss:")),
        ("pss_bytes", rollup.kilobyte_field("Pss:")),
        (
            "private_dirty_bytes",
            rollup.kilobyte_field("Private_Dirty:"),
        ),
        ("anon_huge_bytes", rollup.kilobyte_field("AnonHugePages:")),
        ("peak_rss_bytes", status.kilobyte_field("VmHWM:")),
        ("heap_in_use_bytes", (heap.uordblks + heap.hblkhd) as u64),
        ("heap_free_bytes", heap.fordblks as u64),
        ("heap_arena_bytes", heap.arena as u64),
        ("heap_mmap_bytes", heap.hblkhd as u64),
        ("heap_trimmable_bytes", heap.keepcost as u64),
        ("live_objects_count", (CREATED.get() - deinited) as u64),
        ("deinit_count", deinited as u64),
        ("minor_faults_count", glibc::minor_faults()),
    ];
    let mut line = Text::new();
    let written = write!(line, "phase={phase}")
        .and_then(|()| {
            columns
                .iter()
                .try_for_each(|(name, value)| write!(line, " {name}={value}"))
        })
        .and_then(|()| nanoseconds.map_or(Ok(()), |time| write!(line, " phase_ns={time}")))
        .and_then(|()| writeln!(line));
    if let Err(error) = written {
        fail("format", &error);
    }
    if let Err(error) = output.write_all(&line.bytes[..line.count]) {
        fail("write", &error);
    }
}

fn measure<Root: Graph>(nodes: i64, output: &mut File) {
    CREATED.set(0);
    DEINITED.set(0);
    glibc::trim();
    // Resets VmHWM.
    let path = "/proc/self/clear_refs";
    let file = File::options().write(true).open(path);
    if let Err(error) = file.and_then(|mut file| file.write_all(b"5")) {
        fail(path, &error);
    }
    print_checkpoint(output, "before", None);

    let start = Instant::now();
    let root = Root::build(nodes);
    let time = start.elapsed().as_nanos();
    print_checkpoint(output, "built", Some(time));

    let start = Instant::now();
    drop(root);
    let time = start.elapsed().as_nanos();
    print_checkpoint(output, "released", Some(time));

    let start = Instant::now();
    glibc::trim();
    let time = start.elapsed().as_nanos();
    print_checkpoint(output, "trimmed", Some(time));
}

/// Plays the whole sample with a few nodes first, so that what the runtime sets up and the code
/// that is read from the file are not counted as the graph's.
fn run<Root: Graph>(nodes: i64) {
    let nowhere = File::options().write(true).open("/dev/null");
    // Not through `Stdout`, whose buffer is heap.
    let output = std::io::stdout()
        .as_fd()
        .try_clone_to_owned()
        .map(File::from);
    match (nowhere, output) {
        (Ok(mut nowhere), Ok(mut output)) => {
            measure::<Root>(nodes.min(3), &mut nowhere);
            measure::<Root>(nodes, &mut output);
        }
        (Err(error), _) | (_, Err(error)) => fail("no output", &error),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let [topology, back_link, nodes] = words[..] {
        if let Some(nodes) = nodes.parse::<i64>().ok().filter(|&nodes| nodes > 0) {
            match (topology, back_link) {
                ("ring", "strong") => return run::<ChainNode<StrongLink>>(nodes),
                ("ring", "weak") => return run::<ChainNode<WeakLink>>(nodes),
                ("tree2", "strong") => return run::<TreeNode<StrongLink>>(nodes),
                ("tree2", "weak") => return run::<TreeNode<WeakLink>>(nodes),
                _ => {}
            }
        }
    }
    eprintln!("use: ring_tree ring|tree2 strong|weak NODES");
    std::process::exit(64);
}
