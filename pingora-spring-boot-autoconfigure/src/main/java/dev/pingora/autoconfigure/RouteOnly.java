package dev.pingora.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a {@link dev.pingora.proxy.ProxyFilter} bean, its class or its {@code @Bean}
 * method, that applies only to the routes that name it. Without this annotation a filter
 * bean applies to every route.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.TYPE, ElementType.METHOD })
public @interface RouteOnly {

}
