package dev.pingora.autoconfigure.sentry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * Remembers which event tells of which panic, for the last thousand panics. Used by many
 * threads.
 */
final class ReportIds {

	private static final int CAPACITY = 1000;

	private final Map<Long, AtomicReference<@Nullable String>> events = new LinkedHashMap<>() {

		@Override
		protected boolean removeEldestEntry(Map.Entry<Long, AtomicReference<@Nullable String>> eldest) {
			return size() > CAPACITY;
		}

	};

	synchronized void put(long panicId, AtomicReference<@Nullable String> eventId) {
		this.events.put(panicId, eventId);
	}

	synchronized @Nullable String get(long panicId) {
		AtomicReference<@Nullable String> eventId = this.events.get(panicId);
		return (eventId != null) ? eventId.get() : null;
	}

}
