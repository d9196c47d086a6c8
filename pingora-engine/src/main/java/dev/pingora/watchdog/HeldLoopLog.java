package dev.pingora.watchdog;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import dev.pingora.event.HeldLoop;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watchdog's lines in the log. Of the calls of one site, one begins to be logged in
 * ten seconds; the others are counted, and a line says how many they were. Owned by the
 * watchdog's thread.
 */
final class HeldLoopLog {

	private static final Logger logger = LoggerFactory.getLogger(Watchdog.class);

	private static final long WINDOW = TimeUnit.SECONDS.toNanos(10);

	private final Map<Site, Window> windows = new HashMap<>();

	// Whose beginning was logged, so that the rest is logged too.
	private final Set<Call> logged = new HashSet<>();

	private record Site(String phase, @Nullable String filter, @Nullable String route) {

		static Site of(HeldLoop held) {
			return new Site(held.phase(), held.filter(), held.route());
		}

	}

	private record Call(String thread, long number) {

		static Call of(HeldLoop held) {
			return new Call(held.thread(), held.call());
		}

	}

	private static final class Window {

		private final long since;

		private int leftOut;

		Window(long since) {
			this.since = since;
		}

	}

	void held(HeldLoop held, long now) {
		Window window = this.windows.get(Site.of(held));
		if (window == null) {
			this.windows.put(Site.of(held), new Window(now));
			this.logged.add(Call.of(held));
		}
		if (this.logged.contains(Call.of(held))) {
			logger.warn("Event loop {} has been held for {} ms by {} (filter {}, route {}):{}", held.thread(),
					held.held().toMillis(), held.phase(), held.filter(), held.route(), new Stack(held));
		}
		else if (window != null && held.first()) {
			window.leftOut++;
		}
	}

	void cameBack(HeldLoop over) {
		if (this.logged.remove(Call.of(over))) {
			logger.info("Event loop {} was held for {} ms by {} (filter {}, route {}) and goes on", over.thread(),
					over.held().toMillis(), over.phase(), over.filter(), over.route());
		}
	}

	/**
	 * Tells what was left out, when it is time.
	 * @param now the time in nanoseconds
	 */
	void sweep(long now) {
		for (Iterator<Map.Entry<Site, Window>> entries = this.windows.entrySet().iterator(); entries.hasNext();) {
			Map.Entry<Site, Window> entry = entries.next();
			Window window = entry.getValue();
			if (now - window.since >= WINDOW) {
				entries.remove();
				if (window.leftOut > 0) {
					Site site = entry.getKey();
					logger.warn("{} more calls of {} (filter {}, route {}) have held event loops in the last 10 s",
							window.leftOut, site.phase(), site.filter(), site.route());
				}
			}
		}
	}

	/**
	 * A stack as it is usually written.
	 *
	 * @param held the call
	 */
	private record Stack(HeldLoop held) {

		@Override
		public String toString() {
			StringBuilder text = new StringBuilder();
			this.held.stack().forEach((frame) -> text.append("\n\tat ").append(frame));
			return text.toString();
		}

	}

}
