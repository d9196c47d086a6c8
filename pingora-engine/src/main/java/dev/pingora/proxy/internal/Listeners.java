package dev.pingora.proxy.internal;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.ProxyListener;
import dev.pingora.event.RejectedRequest;
import dev.pingora.event.RequestObserver;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.transport.LoopWatch;
import org.jspecify.annotations.Nullable;

/**
 * Tells the listeners, each isolated from the others. A listener is called for what it
 * implements and nothing else. Immutable; used by all event loops.
 */
final class Listeners {

	private final PanicIsolation isolation;

	private final List<Entry> starting;

	private final List<Entry> retrying;

	private final List<Entry> finishing;

	private final List<Entry> rejecting;

	/**
	 * A listener, with what would be made anew for each call.
	 *
	 * @param listener the listener
	 * @param site whom to blame
	 * @param finished tells it that a request has ended
	 * @param rejected tells it that a request was refused
	 */
	private record Entry(ProxyListener listener, PanicSite site, Consumer<FinishedRequest> finished,
			Consumer<RejectedRequest> rejected) {

		static Entry of(ProxyListener listener) {
			return new Entry(listener, PanicSite.of(PanicSite.LISTENER, listener.getClass().getSimpleName()),
					listener::requestFinished, listener::requestRejected);
		}

		boolean implementsMethod(String name) {
			return Arrays.stream(this.listener.getClass().getMethods())
				.filter((method) -> method.getName().equals(name))
				.map(Method::getDeclaringClass)
				.anyMatch((type) -> type != ProxyListener.class);
		}

	}

	Listeners(PanicIsolation isolation, List<ProxyListener> listeners) {
		this.isolation = isolation;
		List<Entry> entries = listeners.stream().map(Entry::of).toList();
		this.starting = thatImplement(entries, "requestStarted");
		this.retrying = thatImplement(entries, "retried");
		this.finishing = thatImplement(entries, "requestFinished");
		this.rejecting = thatImplement(entries, "requestRejected");
	}

	private static List<Entry> thatImplement(List<Entry> entries, String method) {
		return entries.stream().filter((entry) -> entry.implementsMethod(method)).toList();
	}

	/**
	 * A request begins.
	 * @param task the request
	 * @return who observes it
	 */
	Observers started(RequestTask task) {
		if (this.starting.isEmpty()) {
			return Observers.NONE;
		}
		List<Observers.Entry> observers = new ArrayList<>(1);
		for (Entry entry : this.starting) {
			tell(task.watch, entry, task, (started) -> {
				@Nullable RequestObserver observer = entry.listener()
					.requestStarted(started.session.id(), started.session.request());
				if (observer != null) {
					observers.add(new Observers.Entry(observer, entry.site()));
				}
			});
		}
		return observers.isEmpty() ? Observers.NONE : new Observers(task, observers);
	}

	void retried(RequestTask task, ProxyException error) {
		for (Entry entry : this.retrying) {
			tell(task.watch, entry, error, (failed) -> entry.listener().retried(task.session.id(), failed));
		}
	}

	void finished(RequestTask task) {
		task.session.observers.finished(task.session);
		for (Entry entry : this.finishing) {
			tell(task.watch, entry, task.session, entry.finished());
		}
	}

	void rejected(LoopWatch watch, RejectedRequest request) {
		for (Entry entry : this.rejecting) {
			tell(watch, entry, request, entry.rejected());
		}
	}

	private <A> void tell(LoopWatch watch, Entry entry, A argument, Consumer<? super A> call) {
		watch.enter(PanicSite.LISTENER, entry.site().filter(), null);
		try {
			this.isolation.observe(entry.site(), argument, call);
		}
		finally {
			watch.leave();
		}
	}

}
