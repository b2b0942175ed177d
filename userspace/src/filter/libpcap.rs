//! libpcap's compiler, loaded when it is needed: airlens needs no libpcap for anything else.

use std::{
    ffi::{CStr, CString, c_char, c_int, c_uint, c_void},
    ptr::NonNull,
    slice,
};

use super::{FilterError, Instruction};

/// Names of the library: Debian's, that of the others, and that of a developer's link.
const NAMES: [&CStr; 3] = [c"libpcap.so.0.8", c"libpcap.so.1", c"libpcap.so"];

/// As tcpdump's `-s`: the filter's return value, of which only 0 counts here.
const SNAP_LENGTH: c_int = 262_144;
/// `PCAP_NETMASK_UNKNOWN`: "ip broadcast" is refused with a reason.
const NETMASK: c_uint = 0xffff_ffff;

/// `struct bpf_program`.
#[repr(C)]
struct Program {
    length: c_uint,
    instructions: *const Instruction,
}

type OpenDead = unsafe extern "C" fn(c_int, c_int) -> *mut c_void;
type Compile = unsafe extern "C" fn(*mut c_void, *mut Program, *const c_char, c_int, c_uint) -> c_int;
type GetError = unsafe extern "C" fn(*mut c_void) -> *const c_char;
type FreeCode = unsafe extern "C" fn(*mut Program);
type Close = unsafe extern "C" fn(*mut c_void);

/// The library. It stays loaded: what it loads itself may not bear to be unloaded.
struct Library(NonNull<c_void>);

impl Library {
    fn load() -> Result<Self, FilterError> {
        NAMES
            .iter()
            // SAFETY: a terminated string; the library's constructors are those of the system's libpcap.
            .find_map(|name| NonNull::new(unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) }))
            .map(Self)
            .ok_or_else(|| FilterError::NoLibrary {
                tried: NAMES.map(CStr::to_string_lossy).join(", "),
            })
    }

    fn find(&self, name: &'static CStr) -> Result<*mut c_void, FilterError> {
        // SAFETY: a handle of dlopen and a terminated string.
        let found = unsafe { libc::dlsym(self.0.as_ptr(), name.as_ptr()) };
        if found.is_null() {
            return Err(FilterError::NoFunction(name.to_str().unwrap_or("function")));
        }
        Ok(found)
    }
}

/// The functions in use (`pcap.h`, the same since libpcap 0.8).
struct Functions {
    open_dead: OpenDead,
    compile: Compile,
    get_error: GetError,
    free_code: FreeCode,
    close: Close,
}

impl Functions {
    fn load() -> Result<Self, FilterError> {
        let library = Library::load()?;
        // SAFETY: the functions have these signatures in pcap.h.
        unsafe {
            Ok(Self {
                open_dead: std::mem::transmute::<*mut c_void, OpenDead>(library.find(c"pcap_open_dead")?),
                compile: std::mem::transmute::<*mut c_void, Compile>(library.find(c"pcap_compile")?),
                get_error: std::mem::transmute::<*mut c_void, GetError>(library.find(c"pcap_geterr")?),
                free_code: std::mem::transmute::<*mut c_void, FreeCode>(library.find(c"pcap_freecode")?),
                close: std::mem::transmute::<*mut c_void, Close>(library.find(c"pcap_close")?),
            })
        }
    }
}

/// Compiles an expression as tcpdump does, optimised.
pub(super) fn compile(expression: &str, link_type: u16) -> Result<Vec<Instruction>, FilterError> {
    let refused = |reason: &str| FilterError::Expression {
        expression: expression.to_owned(),
        reason: reason.to_owned(),
    };
    let text = CString::new(expression).map_err(|_| refused("a zero octet is in it"))?;
    let functions = Functions::load()?;
    let mut program = Program {
        length: 0,
        instructions: std::ptr::null(),
    };
    // SAFETY: a handle from pcap_open_dead is used until it is closed, the program until it is freed.
    unsafe {
        let handle = (functions.open_dead)(data_link_type(link_type), SNAP_LENGTH);
        if handle.is_null() {
            return Err(refused("libpcap has no memory"));
        }
        let result = if (functions.compile)(handle, &raw mut program, text.as_ptr(), 1, NETMASK) == 0 {
            let instructions = if program.instructions.is_null() {
                Vec::new()
            } else {
                slice::from_raw_parts(program.instructions, program.length as usize).to_vec()
            };
            (functions.free_code)(&raw mut program);
            Ok(instructions)
        } else {
            Err(refused(
                &CStr::from_ptr((functions.get_error)(handle)).to_string_lossy(),
            ))
        };
        (functions.close)(handle);
        result
    }
}

/// The number that the library knows a link type by (`pcap/dlt.h`): the same but for packets that begin with IP.
fn data_link_type(link_type: u16) -> c_int {
    match link_type {
        101 => 12,
        other => other.into(),
    }
}
