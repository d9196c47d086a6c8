package dev.pingora.server;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pingora.error.ErrorSource;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RejectedRequest;
import dev.pingora.event.RequestOutcome;
import dev.pingora.event.RequestSummary;
import dev.pingora.testkit.Await;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hears how requests ended, and why others never began.
 */
final class Endings implements ProxyListener {

	private final List<ProxyException> rejected = new CopyOnWriteArrayList<>();

	private final List<RequestSummary> finished = new CopyOnWriteArrayList<>();

	@Override
	public void requestRejected(RejectedRequest request) {
		this.rejected.add(request.error());
	}

	@Override
	public void requestFinished(FinishedRequest request) {
		this.finished.add(request.summary());
	}

	List<RequestSummary> finished() {
		return this.finished;
	}

	private List<RequestSummary> failed() {
		return this.finished.stream().filter((request) -> request.error() != null).toList();
	}

	/** One head was refused, for this reason, and no request has failed. */
	void awaitRejected(ErrorType reason) {
		Await.until("a request that is rejected", () -> !this.rejected.isEmpty());
		assertThat(this.rejected).extracting(ProxyException::type).containsExactly(reason);
		assertThat(failed()).isEmpty();
	}

	/** One request has failed by its client, for this reason, and none was refused. */
	void awaitFailed(ErrorType reason, RequestOutcome outcome) {
		Await.until("a request that fails", () -> !failed().isEmpty());
		assertThat(failed()).singleElement().satisfies((request) -> {
			ProxyException error = Objects.requireNonNull(request.error());
			assertThat(error.type()).isEqualTo(reason);
			assertThat(error.source()).isEqualTo(ErrorSource.DOWNSTREAM);
			assertThat(request.outcome()).isEqualTo(outcome);
		});
		assertThat(this.rejected).isEmpty();
	}

	/** So many requests went well, and nothing else is known of. */
	void assertNothingBut(int requests) {
		Await.until("the end of " + requests + " requests", () -> this.finished.size() >= requests);
		assertThat(this.finished).hasSize(requests).allMatch((request) -> request.error() == null);
		assertThat(this.rejected).isEmpty();
	}

}
