//! Bodies that are buffered while the first attempt streams them.

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use persevere::backoff::Fixed;
use persevere::tower::replay::ReplayBody;
use persevere::tower::{Buffered, Replay, RetryLayer};
use persevere::{Policy, StopReason, TokioSleeper};
use persevere_testkit::{Polled, Recorder, assert_gave_up};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{Layer, ServiceExt};

static AT_ONCE: Policy<Fixed> = Policy::fixed(Duration::ZERO);

/// A body of unknown length that sends the given frames. It counts how often it is polled.
struct Frames {
    frames: VecDeque<Result<Frame<Bytes>, &'static str>>,
    polls: Arc<AtomicU32>,
}

impl Frames {
    fn of(frames: impl IntoIterator<Item = Result<Frame<Bytes>, &'static str>>) -> Self {
        Frames {
            frames: frames.into_iter().collect(),
            polls: Arc::default(),
        }
    }

    fn data(chunks: impl IntoIterator<Item = &'static str>) -> Self {
        Frames::of(
            chunks
                .into_iter()
                .map(|chunk| Ok(Frame::data(Bytes::from_static(chunk.as_bytes())))),
        )
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        self.polls.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(self.frames.pop_front())
    }
}

/// A service that reads this many frames of each body, all if `None`, and replies with an error.
async fn read<B>(body: &mut B, frames: Option<usize>) -> String
where
    B: Body<Data = Bytes, Error = &'static str> + Unpin,
{
    let mut text = String::new();
    for _ in 0..frames.unwrap_or(usize::MAX) {
        match body.frame().await {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => text.push_str(std::str::from_utf8(&data).unwrap()),
                Err(trailers) => text.push_str(&format!("{:?}", trailers.into_trailers().unwrap())),
            },
            Some(Err(error)) => text.push_str(error),
            None => break,
        }
    }
    text
}

/// Sends a request whose attempts read the given numbers of frames and fail; returns what each attempt read, and why the
/// call was given up.
async fn attempts(body: Frames, max: usize, reads: &[Option<usize>]) -> (Vec<String>, Recorder) {
    let (seen, recorder) = (Arc::new(Mutex::new(Vec::new())), Recorder::new());
    let reads = Arc::new(Mutex::new(reads.iter().copied().collect::<VecDeque<_>>()));
    let client = tower::service_fn({
        let seen = seen.clone();
        move |request: Request<ReplayBody<Frames>>| {
            let (seen, reads) = (seen.clone(), reads.clone());
            async move {
                let frames = reads.lock().unwrap().pop_front().unwrap();
                let text = read(&mut request.into_body(), frames).await;
                seen.lock().unwrap().push(text);
                Err::<(), _>("no")
            }
        }
    });
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper)
        .replay(Buffered::up_to(max))
        .observe(recorder.clone());
    layer.layer(client).oneshot(Request::new(body)).await.unwrap_err();
    let seen = seen.lock().unwrap().clone();
    (seen, recorder)
}

#[tokio::test(start_paused = true)]
async fn body_is_sent_again() {
    let (seen, recorder) = attempts(Frames::data(["ab", "cd", "e"]), 5, &[None, None, None]).await;
    assert_eq!(seen, ["abcde", "abcde", "abcde"]);
    assert_gave_up!(recorder, StopReason::Attempts);
}

#[tokio::test(start_paused = true)]
async fn attempt_that_read_a_part_is_followed_by_the_buffer_and_the_rest() {
    let (seen, _) = attempts(Frames::data(["ab", "cd", "e"]), 5, &[Some(1), Some(2), None]).await;
    assert_eq!(seen, ["ab", "abcd", "abcde"]);
    let (seen, _) = attempts(Frames::data(["ab", "cd", "e"]), 5, &[Some(2), Some(1), None]).await;
    assert_eq!(seen, ["abcd", "ab", "abcde"]);
    let (seen, _) = attempts(Frames::data(["ab", "cd", "e"]), 5, &[Some(0), Some(0), None]).await;
    assert_eq!(seen, ["", "", "abcde"]);
}

#[tokio::test(start_paused = true)]
async fn trailers_are_sent_again() {
    let mut trailers = HeaderMap::new();
    trailers.insert("sum", "7".parse().unwrap());
    let frames = || Frames::of([Ok(Frame::data("ab".into())), Ok(Frame::trailers(trailers.clone()))]);
    let whole = "ab{\"sum\": \"7\"}";
    for reads in [None, Some(2), Some(1)] {
        let (seen, _) = attempts(frames(), 10, &[reads, None, None]).await;
        assert_eq!(seen[1..], [whole, whole], "{reads:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn body_that_turns_out_to_be_longer_is_sent_whole_and_once() {
    let (seen, recorder) = attempts(Frames::data(["ab", "cd", "ef"]), 5, &[None]).await;
    assert_eq!(seen, ["abcdef"]);
    assert_gave_up!(recorder, StopReason::Permanent);
}

#[tokio::test(start_paused = true)]
async fn bound_is_inclusive_and_zero_admits_empty_bodies_alone() {
    let (seen, _) = attempts(Frames::data(["abc"]), 3, &[None, None, None]).await;
    assert_eq!(seen.len(), 3);
    let (seen, _) = attempts(Frames::data(["abc"]), 2, &[None]).await;
    assert_eq!(seen.len(), 1);
    let (seen, _) = attempts(Frames::data([]), 0, &[None, None, None]).await;
    assert_eq!(seen.len(), 3);
    let (seen, _) = attempts(Frames::data(["", "", ""]), 0, &[Some(2), None, None]).await;
    assert_eq!(seen.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn body_that_fails_cannot_be_sent_again() {
    let frames = [Ok(Frame::data("ab".into())), Err("broken")];
    let (seen, recorder) = attempts(Frames::of(frames), 10, &[None]).await;
    assert_eq!(seen, ["abbroken"]);
    assert_gave_up!(recorder, StopReason::Permanent);
}

#[test]
fn body_that_is_known_to_be_longer_is_not_kept() {
    let body = Full::new(Bytes::from_static(b"abc"));
    let (_, kept) = Buffered::up_to(2).first(Request::new(body.clone()));
    assert!(kept.is_none());
    let (_, kept) = Buffered::up_to(3).first(Request::new(body));
    assert!(kept.is_some());
}

#[test]
fn length_is_that_of_the_original_body() {
    let exact = |body: &ReplayBody<Full<Bytes>>| (body.size_hint().exact(), body.is_end_stream());
    let (sent, kept) = Buffered::up_to(9).first(Request::new(Full::new(Bytes::from_static(b"abc"))));
    let mut body = sent.into_body();
    assert_eq!(exact(&body), (Some(3), false));
    assert!(Polled::new(body.frame()).poll().is_ready());
    assert_eq!(exact(&body), (Some(0), true));
    let (sent, _) = Buffered::up_to(9).again(kept.unwrap());
    assert_eq!(exact(sent.body()), (Some(3), false));

    let (sent, _) = Buffered::up_to(9).first(Request::new(Full::<Bytes>::default()));
    assert_eq!(exact(sent.body()), (Some(0), true));
    assert_eq!(
        exact(Buffered::up_to(9).only(Request::new(Full::new("ab".into()))).body()),
        (Some(2), false)
    );
}

/// A body that reports a false, huge length.
struct Huge;

impl Body for Huge {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"abc")))))
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::with_exact(u64::MAX);
        hint.set_lower(1);
        hint
    }
}

#[test]
fn huge_length_does_not_overflow() {
    let (sent, kept) = Buffered::up_to(usize::MAX).first(Request::new(Huge));
    let mut body = sent.into_body();
    assert!(Polled::new(body.frame()).poll().is_ready());
    drop(body);
    let (sent, _) = Buffered::up_to(usize::MAX).again(kept.unwrap());
    assert_eq!(
        (sent.body().size_hint().lower(), sent.body().size_hint().upper()),
        (4, None)
    );
}

#[test]
fn response_that_comes_before_the_body_was_read_is_not_retried() {
    let (sent, kept) = Buffered::up_to(9).first(Request::new(Frames::data(["ab", "cd"])));
    let kept = kept.unwrap();
    let is_repeatable = || Replay::<Request<Frames>>::is_repeatable(&Buffered::up_to(9), &kept, true);
    let mut body = sent.into_body();
    assert!(!is_repeatable());
    for _ in 0..2 {
        assert!(Polled::new(body.frame()).poll().is_ready());
        assert!(!is_repeatable(), "the end was not read");
    }
    assert!(Polled::new(body.frame()).poll().is_ready());
    assert!(is_repeatable(), "the end was read, though the body is held");
}

#[test]
fn body_that_is_dropped_half_read_is_sent_again_after_an_error_alone() {
    let replay = Buffered::up_to(9);
    let (sent, kept) = replay.first(Request::new(Frames::data(["ab", "cd"])));
    let kept = kept.unwrap();
    let is_repeatable = |kept: &_, responded| Replay::<Request<Frames>>::is_repeatable(&replay, kept, responded);
    drop(sent);
    assert!(is_repeatable(&kept, true), "nothing was read");
    let (sent, again) = replay.again(kept);
    let kept = again.unwrap();
    let mut body = sent.into_body();
    assert!(Polled::new(body.frame()).poll().is_ready());
    drop(body);
    assert!(!is_repeatable(&kept, true) && is_repeatable(&kept, false));
    let (sent, again) = replay.again(kept);
    let kept = again.unwrap();
    drop(sent);
    assert!(is_repeatable(&kept, true), "nothing was read this time");

    // The same where the part comes from the buffer.
    let (sent, again) = replay.again(kept);
    let (mut body, kept) = (sent.into_body(), again.unwrap());
    while let Poll::Ready(Some(_)) = Polled::new(body.frame()).poll() {}
    let (sent, again) = replay.again(kept);
    let (mut body, kept) = (sent.into_body(), again.unwrap());
    assert!(Polled::new(body.frame()).poll().is_ready());
    drop(body);
    assert!(!is_repeatable(&kept, true) && is_repeatable(&kept, false));
}

#[test]
fn body_of_known_length_is_free_with_its_last_frame() {
    let (sent, kept) = Buffered::up_to(9).first(Request::new(Full::new(Bytes::from_static(b"abc"))));
    let mut body = sent.into_body();
    assert!(Polled::new(body.frame()).poll().is_ready());
    assert!(Replay::<Request<Full<Bytes>>>::is_repeatable(
        &Buffered::up_to(9),
        &kept.unwrap(),
        true
    ));
    assert!(matches!(Polled::new(body.frame()).poll(), Poll::Ready(None)));
}

#[tokio::test(start_paused = true)]
async fn single_attempt_buffers_nothing() {
    let body = Frames::data(["ab"]);
    let polls = body.polls.clone();
    let client = tower::service_fn(|request: Request<ReplayBody<Frames>>| async move {
        Err::<(), _>(read(&mut request.into_body(), None).await)
    });
    let layer = RetryLayer::new(AT_ONCE.max_attempts(1), TokioSleeper).replay(Buffered::up_to(9));
    assert_eq!(layer.layer(client).oneshot(Request::new(body)).await, Err("ab".into()));
    assert_eq!(polls.load(Ordering::Relaxed), 2);
}

/// A body that reports its length but not its end, as many bodies do.
struct Known(Option<Bytes>);

impl Body for Known {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(self.0.take().map(|data| Ok(Frame::data(data))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |data| data.len() as u64))
    }
}

#[test]
fn body_whose_length_was_read_was_read_to_its_end() {
    let (sent, kept) = Buffered::up_to(9).first(Request::new(Known(Some("abc".into()))));
    let mut body = sent.into_body();
    assert!(Polled::new(body.frame()).poll().is_ready());
    drop(body);
    assert!(Replay::<Request<Known>>::is_repeatable(
        &Buffered::up_to(9),
        &kept.unwrap(),
        true
    ));
}

#[test]
fn empty_frames_are_not_buffered_and_the_end_is_read_once() {
    let replay = Buffered::up_to(9);
    let original = Frames::data(["", "a", ""]);
    let polls = original.polls.clone();
    let (sent, mut kept) = replay.first(Request::new(original));
    let mut body = sent.into_body();
    let mut frames = Vec::new();
    for _ in 0..3 {
        let mut count = 0;
        while let Poll::Ready(Some(_)) = Polled::new(body.frame()).poll() {
            count += 1;
        }
        frames.push(count);
        let (sent, again) = replay.again(kept.unwrap());
        (body, kept) = (sent.into_body(), again);
    }
    assert_eq!((frames, polls.load(Ordering::Relaxed)), (vec![3, 1, 1], 4));

    let original = Frames::data([]);
    let polls = original.polls.clone();
    let (sent, kept) = replay.first(Request::new(original));
    assert!(matches!(
        Polled::new(sent.into_body().frame()).poll(),
        Poll::Ready(None)
    ));
    let (sent, _) = replay.again(kept.unwrap());
    assert!(matches!(
        Polled::new(sent.into_body().frame()).poll(),
        Poll::Ready(None)
    ));
    assert_eq!(polls.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn body_that_a_timed_out_attempt_still_holds_is_not_sent_again() {
    let held = Arc::new(Mutex::new(Vec::new()));
    let client = tower::service_fn({
        let held = held.clone();
        move |request: Request<ReplayBody<Frames>>| {
            held.lock().unwrap().push(request.into_body());
            std::future::pending::<Result<(), &str>>()
        }
    });
    let policy = AT_ONCE.attempt_timeout(Duration::from_secs(1));
    let layer = RetryLayer::new(policy, TokioSleeper)
        .replay(Buffered::up_to(9))
        .explained();
    let error = layer
        .layer(client)
        .oneshot(Request::new(Frames::data(["ab"])))
        .await
        .unwrap_err();
    assert_eq!((error.reason(), held.lock().unwrap().len()), (StopReason::Permanent, 1));
}
