//! Log lines of the kernel programs, handed on to this process's log.

use aya_log::EbpfLogger;
use tokio::{
    io::{Interest, unix::AsyncFd},
    task::JoinHandle,
};

use super::{KernelError, KernelPrograms};

impl KernelPrograms {
    /// Hands on what the programs log, until the task is aborted; once, and within a tokio runtime. They log only if
    /// [`super::LoadOptions::log`] was set.
    ///
    /// # Errors
    ///
    /// The log's map is missing or taken already.
    pub fn forward_log(&mut self) -> Result<JoinHandle<()>, KernelError> {
        let logger = EbpfLogger::init(&mut self.ebpf).map_err(|error| KernelError::Log(error.to_string()))?;
        // SAFETY: the logger owns its ring's descriptor, which stays the same as long as it lives.
        let logger = unsafe { AsyncFd::register_with_interest(logger, Interest::READABLE) }
            .map_err(|error| KernelError::Log(error.to_string()))?;
        Ok(tokio::spawn(forward(logger)))
    }
}

async fn forward(mut logger: AsyncFd<EbpfLogger<&'static dyn log::Log>>) {
    while let Ok(mut guard) = logger.readable_mut().await {
        guard.get_inner_mut().flush();
        guard.clear_ready();
    }
}
