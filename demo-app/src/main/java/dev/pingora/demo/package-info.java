/**
 * A gateway to run, look at and break. Start reading at
 * {@link dev.pingora.demo.DemoApplication}.
 */
@NullMarked
package dev.pingora.demo;

import org.jspecify.annotations.NullMarked;
