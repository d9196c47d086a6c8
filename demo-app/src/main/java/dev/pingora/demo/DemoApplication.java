package dev.pingora.demo;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * The demo: a gateway on port 8080, Actuator on port 8081, and three servers for the
 * gateway to call.
 */
@SpringBootApplication
public class DemoApplication {

	/**
	 * Starts the demo.
	 * @param arguments properties, such as {@code --pingora.threads=2}
	 */
	public static void main(String[] arguments) {
		SpringApplication.run(DemoApplication.class, arguments);
	}

}
