//! Values in numbered places that are used again.

/// Values in numbered places. A place that was freed is the next to be used.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    places: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Slab<T> {
        Slab {
            places: Vec::new(),
            free: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        match self.free.pop() {
            Some(place) => {
                self.places[place as usize] = Some(value);
                place
            }
            None => {
                let place = u32::try_from(self.places.len()).expect("more than four thousand million values at once");
                self.places.push(Some(value));
                place
            }
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, place: u32) -> T {
        self.free.push(place);
        self.places[place as usize].take().expect("the place is in use")
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, place: u32) -> Option<&mut T> {
        self.places[place as usize].as_mut()
    }

    #[inline]
    pub(crate) fn at(&mut self, place: u32) -> &mut T {
        self.get_mut(place).expect("the place is in use")
    }
}
