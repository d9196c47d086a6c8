package dev.pingora.benchmarks.gateway;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A gateway with one route, as its users would write it.
 */
@SpringBootApplication
public class GatewayApplication {

	/**
	 * Starts the gateway.
	 * @param arguments properties, such as {@code --bench.origin=127.0.0.1:9000}
	 */
	public static void main(String[] arguments) {
		SpringApplication.run(GatewayApplication.class, arguments);
	}

}
