package dev.pingora.event;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A call that holds an event loop for longer than is allowed, seen while it does so. All
 * connections of that loop wait meanwhile.
 *
 * @param thread the name of the loop's thread
 * @param phase the phase's name, or {@code predicate}, {@code listener}, {@code release}
 * @param filter the name of the filter or listener, or {@code null}
 * @param route the id of the route, or {@code null}
 * @param held for how long, at least
 * @param stack what the thread is doing, the innermost call first
 * @param call the call's number, which no other call of the thread has
 * @param first whether this is the first report of the call
 */
public record HeldLoop(String thread, String phase, @Nullable String filter, @Nullable String route, Duration held,
		List<StackTraceElement> stack, long call, boolean first) {

	/**
	 * Copies the stack.
	 */
	public HeldLoop {
		stack = List.copyOf(stack);
	}

	/**
	 * The same call, some time later.
	 * @param held for how long it holds the loop by now
	 * @return the call with that time
	 */
	public HeldLoop after(Duration held) {
		return new HeldLoop(this.thread, this.phase, this.filter, this.route, held, this.stack, this.call, this.first);
	}

}
