package dev.pingora.autoconfigure.actuate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.pingora.autoconfigure.PanicReporter;
import dev.pingora.autoconfigure.actuate.PanicsDescriptor.ReporterDescriptor;
import dev.pingora.autoconfigure.actuate.PanicsDescriptor.SiteTotal;
import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicTotals;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * The endpoint {@code panics}: how many there were, and the most recent ones. Used by
 * many threads.
 */
@Endpoint(id = "panics")
public final class PanicsEndpoint {

	private static final int DEFAULT_FRAMES = 20;

	private final PanicIsolation isolation;

	private final List<PanicReporter> reporters;

	PanicsEndpoint(PanicIsolation isolation, List<PanicReporter> reporters) {
		this.isolation = isolation;
		this.reporters = List.copyOf(reporters);
	}

	/**
	 * Returns all panics.
	 * @param limit how many of the most recent ones are shown, or {@code null} for all
	 * that are remembered
	 * @param frames how many frames of each stack are shown, or {@code null} for 20
	 * @return the panics
	 */
	@ReadOperation
	public PanicsDescriptor panics(@Nullable Integer limit, @Nullable Integer frames) {
		PanicTotals totals = this.isolation.totals();
		int most = notNegative(limit, Integer.MAX_VALUE);
		int shownFrames = notNegative(frames, DEFAULT_FRAMES);
		return new PanicsDescriptor(totals.total(), this.isolation.recentCount(PanicDescriptions.WINDOW),
				this.isolation.droppedNotifications(), sites(totals), reporters(),
				this.isolation.recent()
					.stream()
					.limit(most)
					.map((panic) -> PanicDescriptions.describe(panic, shownFrames, null, reports(panic)))
					.toList());
	}

	private static int notNegative(@Nullable Integer value, int otherwise) {
		return (value != null) ? Math.max(value, 0) : otherwise;
	}

	/**
	 * Returns one panic, with its whole stack trace.
	 * @param id its number
	 * @return the panic, or {@code null} if there was none or it is forgotten
	 */
	@ReadOperation
	public @Nullable PanicDescriptor panic(@Selector long id) {
		return this.isolation.recent()
			.stream()
			.filter((panic) -> panic.id() == id)
			.findFirst()
			.map((panic) -> PanicDescriptions.describe(panic, DEFAULT_FRAMES, ThrownText.lines(panic.cause()),
					reports(panic)))
			.orElse(null);
	}

	private static List<SiteTotal> sites(PanicTotals totals) {
		return totals.snapshot()
			.entrySet()
			.stream()
			.map((total) -> new SiteTotal(total.getKey().phase(), orNull(total.getKey().filter()),
					orNull(total.getKey().route()), total.getValue()))
			.toList();
	}

	private static @Nullable String orNull(String name) {
		return name.equals(PanicTotals.NONE) ? null : name;
	}

	private List<ReporterDescriptor> reporters() {
		return this.reporters.stream()
			.map((reporter) -> new ReporterDescriptor(reporter.name(), reporter.sent(), reporter.folded(),
					reporter.dropped()))
			.toList();
	}

	private Map<String, String> reports(Panic panic) {
		Map<String, String> reports = new LinkedHashMap<>();
		this.reporters.forEach((reporter) -> {
			String report = reporter.reportId(panic.id());
			if (report != null) {
				reports.put(reporter.name(), report);
			}
		});
		return reports;
	}

}
