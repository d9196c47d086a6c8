package dev.pingora.demo;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Starts the demo gateway.
 */
@SpringBootApplication
public class DemoApplication {

	/**
	 * Starts the gateway and returns once it is up.
	 * @param args Spring Boot's command line, {@code --name=value} to set a property
	 */
	public static void main(String[] args) {
		SpringApplication.run(DemoApplication.class, args);
	}

}
