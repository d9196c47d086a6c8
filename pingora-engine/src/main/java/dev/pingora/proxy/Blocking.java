package dev.pingora.proxy;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a filter, a proxy or one of its phase methods that may block: it runs on the
 * panic-isolating task executor instead of the event loop, one phase of a request at a
 * time.
 * <p>
 * {@code newContext}, the body and trailer filters and the callbacks
 * {@code requestSummary} and {@code suppressErrorLog} stay on the event loop even so. If
 * the executor is full, the request fails with 503. If the request ends while a call
 * runs, its thread is interrupted and what it returns is discarded.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.TYPE, ElementType.METHOD })
public @interface Blocking {

}
