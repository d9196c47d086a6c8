package dev.pingora.autoconfigure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.BeanNotOfRequiredTypeException;
import org.springframework.beans.factory.HierarchicalBeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import org.springframework.util.ClassUtils;

/**
 * The user's filters: each bean of any scope, of this context and of those above it, made
 * once. None may be lost on the way, since a request that it would have stopped would
 * pass.
 *
 * @param global those that apply to every route, in {@code @Order}
 * @param byName all of them, by the names of their beans
 */
record FilterBeans(List<NamedFilter> global, Map<String, NamedFilter> byName) {

	private record Global(NamedFilter named, int order) {

		boolean isUrgent() {
			return this.named.filter() instanceof PriorityOrdered;
		}

	}

	static FilterBeans of(ListableBeanFactory beanFactory) {
		Map<String, NamedFilter> byName = new LinkedHashMap<>();
		List<Global> global = new ArrayList<>();
		for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, ProxyFilter.class)) {
			ProxyFilter filter = ScopedProxyUtils.isScopedTarget(name) ? null : filter(beanFactory, name);
			if (filter != null) {
				NamedFilter named = NamedFilter.of(name, filter, userType(filter));
				byName.put(name, named);
				ListableBeanFactory owner = owner(beanFactory, name);
				if (owner.findAnnotationOnBean(name, RouteOnly.class) == null) {
					global.add(new Global(named, order(owner, named)));
				}
			}
		}
		global.sort(Comparator.comparing((Global filter) -> !filter.isUrgent()).thenComparingInt(Global::order));
		return new FilterBeans(global.stream().map(Global::named).toList(), byName);
	}

	private static @Nullable ProxyFilter filter(ListableBeanFactory beanFactory, String name) {
		Object bean = beanFactory.getBean(name);
		// as Spring represents what a factory method didn't make
		if (Objects.equals(bean, null)) {
			return null;
		}
		if (bean instanceof ProxyFilter filter) {
			return filter;
		}
		throw new BeanNotOfRequiredTypeException(name, ProxyFilter.class, bean.getClass());
	}

	// Annotations of a factory method are found only where the bean is defined.
	private static ListableBeanFactory owner(ListableBeanFactory beanFactory, String name) {
		return (beanFactory instanceof HierarchicalBeanFactory own && !own.containsLocalBean(name)
				&& own.getParentBeanFactory() instanceof ListableBeanFactory parent) ? owner(parent, name)
						: beanFactory;
	}

	private static int order(ListableBeanFactory owner, NamedFilter named) {
		return (owner instanceof DefaultListableBeanFactory factory) ? factory.getOrder(named.name(), named.filter())
				: AnnotationAwareOrderComparator.INSTANCE.getOrder(named.filter(), null);
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
