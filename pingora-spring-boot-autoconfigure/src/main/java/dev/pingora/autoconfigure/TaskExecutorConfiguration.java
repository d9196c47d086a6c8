package dev.pingora.autoconfigure;

import java.time.Duration;
import java.util.List;

import dev.pingora.panic.PanicIsolation;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskDecorator;
import org.springframework.core.task.support.CompositeTaskDecorator;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/**
 * The executor for blocking filters, open to the application's own tasks too.
 */
@Configuration(proxyBeanMethods = false)
class TaskExecutorConfiguration {

	static final String BEAN_NAME = "pingoraTaskExecutor";

	private static final String THREAD_NAME_PREFIX = "pingora-task-";

	// Not a default candidate, or Boot's applicationTaskExecutor would back off.
	@Bean(name = BEAN_NAME, defaultCandidate = false)
	@ConditionalOnMissingBean(name = BEAN_NAME)
	AsyncTaskExecutor pingoraTaskExecutor(PingoraProperties properties, PanicIsolation isolation,
			ObjectProvider<TaskDecorator> decorators, Environment environment) {
		Duration grace = ShutdownGrace.of(environment);
		AsyncTaskExecutor delegate = (Runtime.version().feature() >= 21) ? virtualThreads(properties.executor(), grace)
				: pool(properties.executor(), grace);
		List<TaskDecorator> ordered = decorators.orderedStream().toList();
		return new PanicIsolatingTaskExecutor(delegate, isolation, new CompositeTaskDecorator(ordered), BEAN_NAME);
	}

	private static AsyncTaskExecutor virtualThreads(PingoraProperties.Executor properties, Duration grace) {
		SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor(THREAD_NAME_PREFIX);
		executor.setVirtualThreads(true);
		executor.setConcurrencyLimit(properties.maxConcurrency());
		executor.setRejectTasksWhenLimitReached(true); // the limit would block the caller
		executor.setTaskTerminationTimeout(grace.toMillis());
		return executor;
	}

	private static AsyncTaskExecutor pool(PingoraProperties.Executor properties, Duration grace) {
		ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
		executor.setThreadNamePrefix(THREAD_NAME_PREFIX);
		executor.setDaemon(true); // as virtual threads are
		executor.setCorePoolSize(properties.poolSize());
		executor.setMaxPoolSize(properties.poolSize());
		executor.setAllowCoreThreadTimeOut(true);
		executor.setQueueCapacity(properties.queueCapacity());
		executor.setWaitForTasksToCompleteOnShutdown(true);
		executor.setAwaitTerminationMillis(grace.toMillis());
		executor.initialize();
		return executor;
	}

}
