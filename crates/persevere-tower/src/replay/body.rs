//! Bodies that are buffered while they are streamed.

use ::http::HeaderMap;
use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

/// The body of an attempt: the frames that earlier attempts have buffered, and then the rest of the original body.
///
/// It alone holds the original body. A further attempt takes it over when this body is dropped or was read to its end.
/// The data is [`Bytes`], into which the data of most bodies turns without a copy.
pub struct ReplayBody<B> {
    /// `None` once the body is handed back, or if it is empty.
    recording: Option<Recording<B>>,
    /// Where the body is handed back; `None` if it is not repeated.
    shelf: Option<Shelf<B>>,
    /// The next frame of the recording to be sent.
    next: usize,
}

/// Where the attempts of a call hand over its body.
type Shelf<B> = Arc<Mutex<Option<Recording<B>>>>;

/// The source of the body of further attempts.
pub(super) enum Source<B> {
    /// An empty body.
    Empty,
    /// A body that earlier attempts hand back.
    Shelf(Shelf<B>),
}

impl<B> Source<B> {
    /// Whether the body was handed back, nothing of it is lost, and, if the attempt has `responded`, it was not left half
    /// read.
    pub(super) fn is_repeatable(&self, responded: bool) -> bool {
        match self {
            Source::Empty => true,
            Source::Shelf(shelf) => lock(shelf)
                .as_ref()
                .is_some_and(|recording| !(recording.is_lost || (responded && recording.read == Read::Part))),
        }
    }

    /// The body for a further attempt.
    pub(super) fn again(&self) -> ReplayBody<B> {
        let (recording, shelf) = match self {
            Source::Empty => (None, None),
            Source::Shelf(shelf) => (lock(shelf).take(), Some(Arc::clone(shelf))),
        };
        let recording = recording.map(|recording| Recording {
            read: Read::Nothing,
            ..recording
        });
        ReplayBody {
            recording,
            shelf,
            next: 0,
        }
    }
}

fn lock<B>(shelf: &Shelf<B>) -> MutexGuard<'_, Option<Recording<B>>> {
    // Nothing that is done under the lock can panic half way.
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<B: Body + Unpin> ReplayBody<B> {
    /// The body of the first attempt, and the source for further attempts; `None` if the body is known to be longer
    /// than `max` bytes.
    pub(super) fn new(body: B, max: usize) -> (Self, Option<Source<B>>) {
        if body.is_end_stream() {
            return (ReplayBody::once(body), Some(Source::Empty));
        }
        if body.size_hint().lower() > u64::try_from(max).unwrap_or(u64::MAX) {
            return (ReplayBody::once(body), None);
        }
        let shelf = Shelf::default();
        let body = ReplayBody {
            recording: Some(Recording::new(body, max)),
            shelf: Some(Arc::clone(&shelf)),
            next: 0,
        };
        (body, Some(Source::Shelf(shelf)))
    }

    /// A body that is not repeated.
    pub(super) fn once(body: B) -> Self {
        let mut recording = Recording::new(body, 0);
        recording.is_lost = true;
        ReplayBody {
            recording: Some(recording),
            shelf: None,
            next: 0,
        }
    }
}

impl<B> ReplayBody<B> {
    fn hand_back(&mut self) {
        if let (Some(recording), Some(shelf)) = (self.recording.take(), &self.shelf) {
            *lock(shelf) = Some(recording);
        }
    }
}

impl<B: Body + Unpin> Body for ReplayBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = &mut *self;
        let Some(recording) = &mut this.recording else {
            return Poll::Ready(None);
        };
        let frame = if let Some(frame) = recording.replay(this.next) {
            this.next += 1;
            Some(Ok(frame))
        } else {
            let frame = ready!(recording.poll_rest(context));
            this.next = recording.frames();
            frame
        };
        let has_ended = recording.is_end_stream(this.next);
        recording.read = if has_ended || recording.size_hint(this.next).exact() == Some(0) {
            // A client that has the length may stop here.
            Read::Whole
        } else {
            Read::Part
        };
        // Not later, since a response may come before the body is dropped.
        if has_ended {
            this.hand_back();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.recording
            .as_ref()
            .is_none_or(|recording| recording.is_end_stream(self.next))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.recording {
            Some(recording) => recording.size_hint(self.next),
            None => SizeHint::with_exact(0),
        }
    }
}

impl<B> Drop for ReplayBody<B> {
    fn drop(&mut self) {
        self.hand_back();
    }
}

/// How much of a body the current attempt has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Nothing,
    Part,
    Whole,
}

/// A body, and what was read from it. Its frames are the data and then the trailers.
pub(super) struct Recording<B> {
    rest: B,
    data: Vec<Bytes>,
    trailers: Option<HeaderMap>,
    /// The length of `data` in bytes.
    buffered: usize,
    max: usize,
    /// Whether something was read that is not buffered.
    is_lost: bool,
    read: Read,
    has_ended: bool,
}

impl<B: Body + Unpin> Recording<B> {
    fn new(rest: B, max: usize) -> Self {
        Recording {
            rest,
            data: Vec::new(),
            trailers: None,
            buffered: 0,
            max,
            is_lost: false,
            read: Read::Nothing,
            has_ended: false,
        }
    }

    /// The frame at this place; `None` if it was not read yet.
    fn replay(&self, next: usize) -> Option<Frame<Bytes>> {
        match self.data.get(next) {
            Some(data) => Some(Frame::data(data.clone())),
            None if next == self.data.len() => self.trailers.clone().map(Frame::trailers),
            None => None,
        }
    }
    /// How many frames are buffered.
    fn frames(&self) -> usize {
        self.data.len() + usize::from(self.trailers.is_some())
    }

    /// Reads the next frame of the rest, and buffers it.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let frame = match ready!(Pin::new(&mut self.rest).poll_frame(context)) {
            Some(Ok(frame)) => frame.map_data(|mut data| data.copy_to_bytes(data.remaining())),
            Some(Err(error)) => {
                self.lose();
                return Poll::Ready(Some(Err(error)));
            }
            None => {
                self.has_ended = true;
                return Poll::Ready(None);
            }
        };
        if !self.is_lost {
            self.buffer(&frame);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn buffer(&mut self, frame: &Frame<Bytes>) {
        if let Some(data) = frame.data_ref() {
            match self.buffered.checked_add(data.len()).filter(|&total| total <= self.max) {
                Some(total) => self.buffered = total,
                None => return self.lose(),
            }
            // An endless body of empty frames needs no memory.
            if !data.is_empty() {
                self.data.push(data.clone());
            }
        } else if let Some(trailers) = frame.trailers_ref() {
            self.trailers = Some(trailers.clone());
        } else {
            self.lose();
        }
    }

    /// Gives up the buffer. The attempt that reads the body goes on.
    fn lose(&mut self) {
        self.is_lost = true;
        self.data = Vec::new();
        self.trailers = None;
    }

    fn is_end_stream(&self, next: usize) -> bool {
        next >= self.frames() && (self.has_ended || self.rest.is_end_stream())
    }

    fn size_hint(&self, next: usize) -> SizeHint {
        let replayed = self.data.iter().skip(next).map(|data| data.len() as u64).sum::<u64>();
        let rest = if self.has_ended {
            SizeHint::with_exact(0)
        } else {
            self.rest.size_hint()
        };
        let mut hint = SizeHint::new();
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(replayed)) {
            hint.set_upper(upper);
        }
        hint.set_lower(rest.lower().saturating_add(replayed));
        hint
    }
}

impl<B> fmt::Debug for ReplayBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayBody").finish_non_exhaustive()
    }
}

impl<B> fmt::Debug for Source<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").finish_non_exhaustive()
    }
}
