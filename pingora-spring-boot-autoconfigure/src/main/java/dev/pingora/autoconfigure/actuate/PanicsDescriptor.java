package dev.pingora.autoconfigure.actuate;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * All panics, as the endpoint {@code panics} shows them. What is {@code null} is left out
 * of the JSON.
 *
 * @param total how many there were since the start
 * @param lastFiveMinutes how many there were in the last five minutes
 * @param droppedNotifications how many were neither logged nor handed to listeners,
 * because too many waited
 * @param totals how many there were at each site, in order of phase, filter and route
 * @param reporters the services that panics are reported to
 * @param recent the most recent panics that are remembered, the newest first
 */
public record PanicsDescriptor(long total, long lastFiveMinutes, long droppedNotifications, List<SiteTotal> totals,
		List<ReporterDescriptor> reporters, List<PanicDescriptor> recent) {

	/**
	 * How many panics there were at a site.
	 *
	 * @param phase the phase, or another name for work outside the phases
	 * @param filter the name of the filter, listener or task, or {@code null}
	 * @param route the id of the route, or {@code null}
	 * @param count the number of panics since the start
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	public record SiteTotal(String phase, @Nullable String filter, @Nullable String route, long count) {
	}

	/**
	 * A service that panics are reported to.
	 *
	 * @param name its name
	 * @param sent how many reports were handed to it
	 * @param folded how many panics are told of by a report about another one
	 * @param dropped how many panics no report tells of
	 */
	public record ReporterDescriptor(String name, long sent, long folded, long dropped) {
	}

}
