//! Attempts that time out.

use crate::server::serve;
use persevere::{Attempt, Policy, TokioSleeper};
use persevere_tonic::{codes, repeat};
use std::time::Duration;
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;

#[tokio::test]
async fn attempt_that_times_out_is_retried() {
    for _ in 0..5 {
        let (server, client) = serve([Status::unknown("hang")]).await;
        let policy = Policy::exponential(Duration::from_millis(1)).max_attempts(2);
        let policy = policy
            .attempt_timeout(Duration::from_millis(50))
            .classify(codes([Code::Unavailable]));
        let request = Request::new(HealthCheckRequest::default());
        let attempt = |attempt: Attempt| {
            let (mut client, request) = (client.clone(), repeat(&request).attempt(&attempt));
            async move { client.check(request).await }
        };
        policy.on(TokioSleeper).run_with(attempt).await.unwrap();
        assert_eq!(server.calls().len(), 2);
    }
}
