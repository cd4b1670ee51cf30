//! The same cases with the peers: the nearest always, the others with the feature `peers`.

#[cfg(feature = "peers")]
mod backoff;
mod backon;
#[cfg(feature = "peers")]
mod delays;
#[cfg(feature = "peers")]
mod relentless;
#[cfg(feature = "peers")]
mod threads;
#[cfg(feature = "peers")]
mod tokio;
#[cfg(feature = "peers")]
mod tower;

use crate::case::Job;

pub(crate) fn cases(job: Job) {
    backon::cases(job);
    #[cfg(feature = "peers")]
    {
        backoff::cases(job);
        delays::cases(job);
        relentless::cases(job);
        threads::cases(job);
        tokio::cases(job);
        tower::cases(job);
    }
}
