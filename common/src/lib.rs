//! What the kernel programs and user space share: event and map types, counter indices and the wire parsers.
#![no_std]
