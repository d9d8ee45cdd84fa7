# ---- Restricted means in small groups: areas under the limits of the curve, and the studentized permutation test ------------

NORMAL_FROM <- 40
MOST_WAYS <- 10000
DRAWN <- "a permutation P value estimated by drawing"

# Limits of a restricted mean: the areas under the log-log limits of its curve.
mean_between <- function(time, event, mean, tau) {
  if (is.na(mean)) return(list(estimate = NA, lower = NA, upper = NA))
  curve <- kaplan_meier(time, event, "log-log")
  edges <- c(0, curve$time[curve$time > 0 & curve$time < tau], tau)
  middle <- (head(edges, -1) + edges[-1]) / 2
  area <- function(stat) sum(diff(edges) * vapply(middle, function(t) survival_at(curve, t)[[stat]], 0))
  list(estimate = mean, lower = area("lower"), upper = min(area("upper"), tau))
}

# Difference over its standard error for each row of flags (who is in the first group).
studentized <- function(flags, time, event, tau) {
  steps <- sort(unique(time[event == 1 & time <= tau]))
  widths <- diff(c(0, steps, tau))
  present <- outer(time, steps, ">=") + 0
  happened <- outer(time, steps, "==") * (event == 1)
  moments <- function(flags) {
    n <- flags %*% present
    d <- flags %*% happened
    share <- ifelse(n > 0, 1 - d / pmax(n, 1), 1)
    alive <- cbind(1, t(matrix(apply(share, 1, cumprod), nrow = length(steps))))
    areas <- sweep(alive, 2, widths, "*")
    after <- rowSums(areas) - t(matrix(apply(areas, 1, cumsum), nrow = length(steps) + 1))
    term <- ifelse(n > d, d / pmax(n * (n - d), 1), 0)
    list(mean = rowSums(areas), variance = rowSums(after[, seq_along(steps), drop = FALSE]^2 * term))
  }
  a <- moments(flags)
  b <- moments(1 - flags)
  gap <- abs(a$mean - b$mean)
  gap[gap < 1e-12 * tau] <- 0
  ifelse(a$variance + b$variance > 0, gap / sqrt(a$variance + b$variance), ifelse(gap > 0, Inf, 0))
}

# Every way to deal the times to groups of these sizes; not covered where there are too many to count.
mean_permutation <- function(time, event, first, tau, gap, variance) {
  none <- list(estimate = gap, lower = NA, upper = NA, p_value = NA)
  if (is.na(gap) || is.na(variance) || variance <= 0) return(none)
  size <- min(sum(first == 1), sum(first == 0))
  if (choose(length(first), size) > MOST_WAYS) not_covered(DRAWN)
  chosen <- utils::combn(length(first), size)
  flags <- matrix(0, ncol(chosen), length(first))
  flags[cbind(as.vector(col(chosen)), as.vector(chosen))] <- 1
  observed <- studentized(matrix(first, 1), time, event, tau)
  found <- sort(studentized(flags, time, event, tau))
  none$p_value <- mean(found >= observed * (1 - 1e-9))
  reached <- ceiling(study$confidence * length(found) * (1 - 1e-12))
  width <- found[reached] * sqrt(variance)
  if (reached == length(found) || !is.finite(width)) return(none)
  list(estimate = gap, lower = gap - width, upper = gap + width, p_value = none$p_value)
}
