package dev.pingora.benchmarks.scg;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Spring Cloud Gateway with one route, which its properties describe.
 */
@SpringBootApplication
public class ScgApplication {

	/**
	 * Starts the gateway.
	 * @param arguments properties, such as {@code --bench.origin=127.0.0.1:9000}
	 */
	public static void main(String[] arguments) {
		SpringApplication.run(ScgApplication.class, arguments);
	}

}
