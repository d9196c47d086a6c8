package dev.pingora.proxy.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.Phase;
import dev.pingora.event.RequestObserver;
import dev.pingora.event.RequestObserver.BlockingObserver;
import dev.pingora.http.RequestHeader;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.upstream.HttpPeer;
import org.jspecify.annotations.Nullable;

/**
 * Those who observe one request, each isolated from the others. Owned by the task's event
 * loop; what {@link #around} makes, by the executor's thread.
 */
final class Observers {

	/** Nobody. */
	static final Observers NONE = new Observers(null, List.of());

	private final @Nullable RequestTask task;

	private final List<Entry> entries;

	/**
	 * An observer.
	 *
	 * @param observer the observer
	 * @param site whom to blame
	 */
	record Entry(RequestObserver observer, PanicSite site) {
	}

	Observers(@Nullable RequestTask task, List<Entry> entries) {
		this.task = task;
		this.entries = entries;
	}

	@Nullable String traceId() {
		if (this.task == null) {
			return null;
		}
		List<String> ids = new ArrayList<>(1);
		tell(this.task, (observer) -> {
			String id = observer.traceId();
			if (id != null) {
				ids.add(id);
			}
		});
		return ids.isEmpty() ? null : ids.get(0);
	}

	void attemptStarted(HttpPeer peer, int attempt) {
		if (this.task != null) {
			tell(this.task, (observer) -> observer.attemptStarted(peer, attempt));
		}
	}

	void upstreamRequest(RequestHeader request) {
		if (this.task != null) {
			tell(this.task, (observer) -> observer.upstreamRequest(request));
		}
	}

	void attemptFinished(int status, @Nullable ProxyException error) {
		if (this.task != null) {
			tell(this.task, (observer) -> observer.attemptFinished(status, error));
		}
	}

	void finished(FinishedRequest request) {
		if (this.task != null) {
			tell(this.task, (observer) -> observer.finished(request));
		}
	}

	private void tell(RequestTask task, Consumer<RequestObserver> event) {
		for (Entry entry : this.entries) {
			tell(task, entry, event);
		}
	}

	private static void tell(RequestTask task, Entry entry, Consumer<RequestObserver> event) {
		task.watch.enter(PanicSite.LISTENER, entry.site().filter(), null);
		try {
			task.isolation().observe(entry.site(), entry.observer(), event);
		}
		finally {
			task.watch.leave();
		}
	}

	/**
	 * Surrounds a blocking call.
	 * @param phase the phase
	 * @param filter the filter's name
	 * @param work the call's work
	 * @return the work with its observers around it
	 */
	BlockingCall.Work around(Phase phase, String filter, BlockingCall.Work work) {
		RequestTask task = this.task;
		if (task == null) {
			return work;
		}
		BlockingCall.Work surrounded = work;
		for (Entry entry : this.entries) {
			List<BlockingObserver> observers = new ArrayList<>(1);
			tell(task, entry, (observer) -> {
				BlockingObserver blocking = observer.blockingStarted(phase, filter);
				if (blocking != null) {
					observers.add(blocking);
				}
			});
			if (!observers.isEmpty()) {
				surrounded = around(task.isolation(), entry.site(), observers.get(0), surrounded);
			}
		}
		return surrounded;
	}

	private static BlockingCall.Work around(PanicIsolation isolation, PanicSite site, BlockingObserver observer,
			BlockingCall.Work work) {
		return () -> {
			isolation.observe(site, observer, BlockingObserver::begin);
			Throwable thrown = PanicIsolation.capture(work::run);
			isolation.observe(site, observer, (ended) -> ended.end(thrown));
			if (thrown != null) {
				PanicIsolation.rethrow(thrown);
			}
		};
	}

}
