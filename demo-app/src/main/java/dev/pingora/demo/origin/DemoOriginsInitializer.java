package dev.pingora.demo.origin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * Starts the origins before the gateway's properties are read, and gives these the ports
 * as {@code demo.origins.ports[0]} and so on. Being a bean, the origins are closed with
 * the application, after the gateway. {@code demo.origins.enabled=false} leaves them out.
 */
final class DemoOriginsInitializer implements ApplicationContextInitializer<GenericApplicationContext> {

	private static final int COUNT = 3;

	@Override
	public void initialize(GenericApplicationContext context) {
		if (!context.getEnvironment().getProperty("demo.origins.enabled", Boolean.class, true)) {
			return;
		}
		DemoOrigins origins = DemoOrigins.start(COUNT);
		List<Integer> ports = origins.ports();
		Map<String, Object> properties = new LinkedHashMap<>();
		for (int i = 0; i < ports.size(); i++) {
			properties.put("demo.origins.ports[" + i + "]", ports.get(i));
		}
		context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("demoOrigins", properties));
		context.registerBean("demoOrigins", DemoOrigins.class, () -> origins);
	}

}
