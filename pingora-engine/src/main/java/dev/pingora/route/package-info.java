/**
 * Which route takes a request: predicates, the index over them, and the catalogues that
 * turn configuration into predicates and filters under Spring Cloud Gateway's names.
 * <p>
 * Start with {@link dev.pingora.route.RouteIndex}, which finds the route, and with
 * {@link dev.pingora.route.RequestPredicates} and {@link dev.pingora.route.RouteFilters},
 * from which routes are built in code. {@link dev.pingora.route.PathSyntax} says which
 * paths are refused before any predicate sees them.
 * <p>
 * May import: {@code proxy} and the packages below it.
 */
@NullMarked
package dev.pingora.route;

import org.jspecify.annotations.NullMarked;
