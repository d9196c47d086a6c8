package dev.pingora.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * The user's filters.
 *
 * @param global those that apply to every route, in {@code @Order}
 * @param byName all of them, by the names of their beans
 */
record FilterBeans(List<NamedFilter> global, Map<String, NamedFilter> byName) {

	static FilterBeans of(ListableBeanFactory beanFactory) {
		Map<String, NamedFilter> byName = new LinkedHashMap<>();
		Map<String, ProxyFilter> beans = beanFactory.getBeansOfType(ProxyFilter.class);
		beans.forEach((name, filter) -> byName.put(name, NamedFilter.of(name, filter, userType(filter))));
		List<NamedFilter> global = new ArrayList<>();
		beanFactory.getBeanProvider(ProxyFilter.class)
			.orderedStream()
			.forEach((filter) -> byName.values()
				.stream()
				.filter((named) -> named.filter() == filter && !isRouteOnly(beanFactory, named.name()))
				.forEach(global::add));
		return new FilterBeans(List.copyOf(global), byName);
	}

	private static boolean isRouteOnly(ListableBeanFactory beanFactory, String name) {
		return beanFactory.findAnnotationOnBean(name, RouteOnly.class) != null;
	}

	/**
	 * Returns the class that the user wrote, behind proxies and generated subclasses.
	 * @param bean the bean
	 * @return its class
	 */
	static Class<?> userType(Object bean) {
		return ClassUtils.getUserClass(AopUtils.getTargetClass(bean));
	}

}
