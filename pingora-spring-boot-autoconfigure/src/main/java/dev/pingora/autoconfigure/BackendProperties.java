package dev.pingora.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.ConstructorBinding;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A backend in the properties: {@code host:port} or {@code unix:/path}, or
 * {@code address} and {@code weight}.
 *
 * @param address host and port or unix:/path, as they were written
 * @param weight share of the requests, relative to the others', 1 to 256
 */
public record BackendProperties(@Nullable String address, @DefaultValue("1") int weight) {

	/**
	 * Makes a backend.
	 */
	@ConstructorBinding
	public BackendProperties {
	}

	/**
	 * Takes the short form. It is checked later, together with everything else.
	 * @param address {@code host:port} or {@code unix:/path}
	 * @return the backend
	 */
	public static BackendProperties valueOf(String address) {
		return new BackendProperties(address, 1);
	}

}
