package dev.pingora.panic;

import java.util.ArrayList;

import org.jspecify.annotations.Nullable;

/**
 * What a task holds, to be released when it ends: Java drops nothing when a stack
 * unwinds, so ownership is written down here. Releasing happens exactly once, in reverse
 * order, and a panic in one action is recorded and stops no other.
 * <p>
 * Owned by the task's thread.
 */
public final class TaskResources {

	private final PanicIsolation isolation;

	private @Nullable ArrayList<Runnable> actions;

	private boolean released;

	/**
	 * Makes an empty list.
	 * @param isolation where panics of release actions are recorded
	 */
	public TaskResources(PanicIsolation isolation) {
		this.isolation = isolation;
	}

	/**
	 * Takes a resource over.
	 * @param action what releases it
	 * @throws IllegalStateException if the task has ended
	 */
	public void add(Runnable action) {
		if (this.released) {
			throw new IllegalStateException("the request has ended: it can't own another resource");
		}
		if (this.actions == null) {
			this.actions = new ArrayList<>(4);
		}
		this.actions.add(action);
	}

	/**
	 * Releases everything. Later calls do nothing.
	 * @param route the route to blame for panics, or {@code null}
	 * @return the first panic of an action, or {@code null}
	 */
	public @Nullable Panic release(@Nullable String route) {
		this.released = true;
		Panic first = null;
		while (this.actions != null && !this.actions.isEmpty()) {
			Runnable action = this.actions.remove(this.actions.size() - 1);
			Panic panic = this.isolation.observe(new PanicSite(PanicSite.RELEASE, null, route, null), action,
					Runnable::run);
			first = (first != null) ? first : panic;
		}
		return first;
	}

}
