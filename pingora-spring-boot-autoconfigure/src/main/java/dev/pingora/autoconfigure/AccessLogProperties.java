package dev.pingora.autoconfigure;

import dev.pingora.accesslog.AccessLogOptions;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The log of all requests.
 *
 * @param enabled whether the access log is written: a line for each request
 * @param format common, combined, json, or a pattern of variables such as $status
 * @param path file to append to, or stdout
 * @param query what becomes of queries in targets and in Referer and Location
 * @param queueCapacity how many lines may wait to be written, 16 to 1,048,576; what does
 * not fit is dropped and counted
 */
public record AccessLogProperties(@DefaultValue("false") boolean enabled, @DefaultValue("combined") String format,
		@DefaultValue(AccessLogProperties.STDOUT) String path, @DefaultValue("strip") AccessLogOptions.Query query,
		@DefaultValue("16384") int queueCapacity) {

	static final String STDOUT = "stdout";

}
