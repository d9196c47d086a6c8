package dev.pingora.autoconfigure.actuate;

import java.io.IOException;

import org.junit.jupiter.api.Test;

/**
 * x.
 */
class EndpointsOverHttpTests {

	@Test
	void show() throws IOException, InterruptedException {
		try (Gateway gateway = Gateway.start()) {
			gateway.get("/orders/hello");
			gateway.panic("/orders/hello?token=hidden-query");
			for (String path : new String[] { "/health", "/panics?frames=2", "/panics/1", "/pingora" }) {
				System.err.println("@@ " + gateway.json(path));
			}
			System.err.println("@@ " + gateway.actuator("/panics/2"));
			System.err.println("@@ " + gateway.actuator("/panics/x"));
		}
	}

}
