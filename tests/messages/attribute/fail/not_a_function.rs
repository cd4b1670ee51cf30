//! Items that cannot be retried.

use persevere::retry;

#[retry]
struct Client;

#[retry]
impl Client {
    #[retry]
    const LIMIT: u32 = 3;

    #[retry]
    const fn constant() -> Result<u32, u32> {
        Ok(1)
    }
}

#[retry]
trait Source {
    #[retry]
    fn load(&self) -> Result<u32, u32>;
}

fn main() {}
