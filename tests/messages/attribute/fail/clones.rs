//! Arguments that cannot be cloned.

use persevere::retry;

struct Client;

impl Client {
    #[retry(clone(reqest))]
    fn misspelt(&self, request: String, (a, b): (u8, u8)) -> Result<usize, String> {
        Err(request)
    }

    #[retry(clone(request))]
    fn nothing(&self) -> Result<usize, String> {
        Ok(1)
    }

    #[retry(clone(self))]
    fn receiver(self) -> Result<usize, String> {
        Ok(1)
    }

    #[retry(clone = request)]
    fn not_a_value(&self, request: String) -> Result<usize, String> {
        Err(request)
    }

    #[retry(clone(request, request))]
    fn twice(&self, request: String) -> Result<usize, String> {
        Err(request)
    }
}

fn main() {}
