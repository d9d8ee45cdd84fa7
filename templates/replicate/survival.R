# ---- Time to event, by the packages survival and cmprsk -----------------------------------------------------------------

z_value <- function() qnorm(1 - (1 - study$confidence) / 2)

# Kaplan-Meier; where no event has happened yet, and where the curve reaches 0, the limits are exact binomial ones.
kaplan_meier <- function(time, event, type = study$methods$survival_interval) {
  if (!length(time)) return(NULL)
  fit <- survfit(Surv(time, event) ~ 1, conf.type = type, conf.int = study$confidence)
  alpha <- 1 - study$confidence
  out <- data.frame(time = fit$time, at_risk = fit$n.risk, events = fit$n.event, censored = fit$n.censor, p = fit$surv,
                    lower = fit$lower, upper = fit$upper)
  all_free <- out$p == 1
  out$lower[all_free] <- (alpha / 2)^(1 / out$at_risk[all_free])
  out$upper[all_free] <- 1
  end <- which(out$p == 0)[1]
  if (!is.na(end)) {
    out$lower[end] <- 0
    out$upper[end] <- c(1, out$p)[end] * (1 - (alpha / 2)^(1 / out$at_risk[end]))
  }
  attr(out, "fit") <- fit
  out
}

near <- function(time) sqrt(.Machine$double.eps) * mean(abs(time))

# Symmetric limits of a difference of rates, from Greenwood's variances.
greenwood <- function(curve_p, curve_q, p, q, t) {
  error <- function(curve, at) {
    step <- sum(curve$time <= t + near(curve$time))
    if (at$p == 1) 0 else if (at$p == 0) NA else at$p * attr(curve, "fit")$std.err[step]  # that of log S
  }
  half <- if (is.na(p$p) || is.na(q$p)) NA else z_value() * sqrt(error(curve_p, p)^2 + error(curve_q, q)^2)
  if (is.na(half) || half == 0) half <- NA
  list(estimate = p$p - q$p, lower = p$p - q$p - half, upper = p$p - q$p + half)
}

# Survival at a time; NA where nobody was followed to it and the curve is not at 0.
survival_at <- function(curve, t) {
  none <- list(p = NA, lower = NA, upper = NA, at_risk = 0)
  if (is.null(curve)) return(none)
  step <- sum(curve$time <= t + near(curve$time))
  ahead <- which(curve$time >= t - near(curve$time))[1]
  at_risk <- if (is.na(ahead)) 0 else curve$at_risk[ahead]
  p <- c(1, curve$p)[step + 1]
  if (at_risk == 0 && p > 0) return(none)
  if (p == 1) return(list(p = 1, lower = ((1 - study$confidence) / 2)^(1 / at_risk), upper = 1, at_risk = at_risk))
  list(p = p, lower = curve$lower[step], upper = curve$upper[step], at_risk = at_risk)
}

median_of <- function(curve) {
  if (is.null(curve)) return(list(estimate = NA, lower = NA, upper = NA))
  found <- summary(attr(curve, "fit"))$table  # what print shows; quantile() differs where a curve ends at exactly one half
  limits <- found[grep("LCL|UCL", names(found))]
  out <- lapply(list(estimate = found["median"], lower = limits[1], upper = limits[2]),
                function(value) if (is.na(value)) Inf else unname(value))
  if (out$lower > out$estimate) out$lower <- NaN
  out
}

restricted_mean <- function(curve, tau) {
  none <- c(mean = NA, variance = NA)
  if (is.null(curve) || tau <= 0 || is.na(survival_at(curve, tau)$p)) return(none)
  if (!any(curve$events > 0 & curve$time <= tau)) return(c(mean = tau, variance = 0))
  found <- summary(attr(curve, "fit"), rmean = tau)$table
  c(mean = unname(found[grep("^[*]?rmean$", names(found))]), variance = unname(found["se(rmean)"])^2)
}

with_limits <- function(estimate, variance) {
  half <- if (!is.na(variance) && variance > 0) z_value() * sqrt(variance) else NA
  list(estimate = estimate, lower = estimate - half, upper = estimate + half)
}

logrank <- function(time, event, group, strata = NULL) {
  none <- list(p_value = NA)
  if (sum(event) == 0 || length(unique(group)) < 2) return(none)
  form <- if (is.null(strata)) Surv(time, event) ~ group else Surv(time, event) ~ group + strata(strata)
  found <- tryCatch(survdiff(form), error = function(e) NULL)
  if (is.null(found) || !is.finite(found$chisq)) return(none)
  expected <- rowSums(as.matrix(found$exp))
  df <- sum(expected > 0) - 1
  if (df < 1 || any(diag(found$var)[expected > 0] < 1e-12 * sum(event))) return(none)
  list(statistic = found$chisq, p_value = pchisq(found$chisq, df, lower.tail = FALSE))
}

# One degree of freedom for groups numbered in their order, from the observed and expected events of survdiff. They are
# taken from where survdiff counts them: itself it stops where two of the groups were never at risk together.
logrank_trend <- function(time, event, order, strata = NULL) {
  if (sum(event) == 0 || length(unique(order)) < 2) return(list(p_value = NA))
  of <- if (is.null(strata)) rep(1, length(time)) else match(strata, unique(strata))
  found <- survival:::survdiff.fit(Surv(time, event), factor(order), of)
  scores <- sort(unique(order))
  beyond <- rowSums(as.matrix(found$observed)) - rowSums(as.matrix(found$expected))
  variance <- drop(scores %*% found$var %*% scores)
  if (variance <= 1e-12 * sum(scores^2) * sum(event)) return(list(p_value = NA))
  chi2 <- sum(scores * beyond)^2 / variance
  list(statistic = chi2, p_value = pchisq(chi2, 1, lower.tail = FALSE))
}

# Share of all ways to deal the log-rank scores to the groups that lie as far from expectation: both halves of the
# patients are enumerated and matched.
permutation_exact <- function(time, event, group) {
  fit <- survfit(Surv(time, event) ~ 1)
  score <- event - cumsum(fit$n.event / fit$n.risk)[match_times(time, fit$time)]
  small <- if (sum(group) * 2 <= length(group)) group == 1 else group == 0
  take <- sum(small)
  distance <- abs(sum(score[small]))
  edge <- distance * (1 - 1e-9) - 1e-12
  first <- seq_len(length(score) %/% 2)
  left <- subsets(score[first])
  right <- subsets(score[-first])
  hits <- 0
  for (k in 0:take) {
    if (k < length(left) && take - k < length(right) && take - k >= 0) {
      a <- sort(left[[k + 1]])
      b <- right[[take - k + 1]]
      hits <- hits + sum(length(a) - findInterval(edge - b, a, left.open = TRUE)) + sum(findInterval(-edge - b, a))
    }
  }
  sums <- tapply(score, group, sum)
  if (sum(score^2) / (length(score) - 1) < 1e-20) return(list(p_value = NA))  # everybody had the event at one time
  list(p_value = min(1, hits / choose(length(score), take)),
       statistic = sum(sums^2 / tapply(score, group, length)) / (sum(score^2) / (length(score) - 1)))
}

match_times <- function(time, distinct) findInterval(time + near(distinct), distinct)

subsets <- function(values) {
  found <- list(0)
  for (value in values) {
    longer <- lapply(found, `+`, value)
    found <- Map(c, c(found, list(NULL)), c(list(NULL), longer))
  }
  found
}

FIRTH <- "Firth's penalized Cox regression, which is in none of these packages"
FINE <- coxph.control(eps = 1e-11, toler.chol = 1e-13, iter.max = 60)

# Cox regression with Efron's ties; not covered where it separates (Firth's penalty is in no package of base R).
cox <- function(time, event, x, strata = NULL) {
  x <- as.matrix(x)
  form <- if (is.null(strata)) Surv(time, event) ~ x else Surv(time, event) ~ x + strata(strata)
  if (!length(time) || sum(event) == 0 || any(apply(x, 2, function(v) diff(range(v)) == 0))) return(NULL)
  apart <- FALSE
  fit <- withCallingHandlers(
    tryCatch(coxph(form, ties = study$methods$ties, control = FINE), error = function(e) NULL),
    warning = function(w) {
      apart <<- apart || grepl("converge|infinite", conditionMessage(w))
      invokeRestart("muffleWarning")
    })
  if (apart || is.null(fit)) not_covered(FIRTH)
  if (any(is.na(coef(fit)))) {  # nobody to tell apart at any event, or an estimate at infinity: what is known at 0 tells
    at_zero <- suppressWarnings(coxph(form, ties = study$methods$ties, init = rep(0, ncol(x)), control = coxph.control(iter.max = 0)))
    if (all(diag(vcov(at_zero)) > 0)) not_covered(FIRTH)
    return(NULL)
  }
  fit
}

ratio_of <- function(fit, i = 1) {
  if (is.null(fit) || is.na(coef(fit)[i])) return(list(estimate = NA, lower = NA, upper = NA, p_value = NA))
  se <- sqrt(vcov(fit)[i, i])
  b <- unname(coef(fit)[i])
  list(estimate = exp(b), lower = exp(b - z_value() * se), upper = exp(b + z_value() * se), p_value = 2 * pnorm(-abs(b / se)))
}

proportional <- function(fit) {
  if (is.null(fit)) return(list(p_value = NA))
  found <- tryCatch(cox.zph(fit, transform = "km")$table, error = function(e) NULL)
  if (is.null(found)) return(list(p_value = NA))
  last <- nrow(found)
  list(statistic = unname(found[last, "chisq"]), p_value = unname(found[last, "p"]))
}

# ---- Competing events -------------------------------------------------------------------------------------------------------

# Cumulative incidence and its variance by cuminc at every distinct time; log-log limits, exact ones before any event.
incidence <- function(time, status, cause) {
  if (!length(time)) return(NULL)
  distinct <- sort(unique(time))
  at_risk <- vapply(distinct, function(t) sum(time >= t), 0)
  taken <- function(code) vapply(distinct, function(t) sum(time == t & status == code), 0)
  other <- if (cause == 1) 2 else 1
  known <- at_risk + cumsum(taken(other)) - taken(other)
  free <- cumprod(1 - (taken(1) + taken(2)) / at_risk)
  free[taken(1) + taken(2) == at_risk] <- 0
  p <- variance <- rep(0, length(distinct))
  if (any(status == cause)) {
    found <- cuminc(time, status, cencode = 0)
    points <- timepoints(found, distinct)
    row <- grep(paste0(" ", cause, "$"), rownames(points$est))
    p <- unname(points$est[row, ])
    variance <- unname(points$var[row, ])
    # at the last time a step may be left open by timepoints: the incidence there is that of the formula
    jumps <- cumsum(c(1, head(free, -1)) * taken(cause) / at_risk)
    variance <- ifelse(is.na(p), variance_beyond(found, cause), variance)
    p <- ifelse(is.na(p), jumps, p)
  }
  alpha <- 1 - study$confidence
  spread <- z_value() * sqrt(variance)
  half <- spread / (p * abs(log(p)))
  limits <- switch(study$methods$incidence_interval,
                   `log-log` = list(p^exp(half), p^exp(-half)),
                   log = list(p * exp(-spread / p), pmin(p * exp(spread / p), 1)),
                   plain = list(pmax(p - spread, 0), pmin(p + spread, 1)))
  lower <- ifelse(p > 0 & p < 1 - 1e-12, limits[[1]], p)
  upper <- ifelse(p > 0 & p < 1 - 1e-12, limits[[2]], p)
  none <- p == 0
  lower[none] <- 0
  upper[none] <- 1 - (alpha / 2)^(1 / known[none])
  end <- which(p >= 1 - 1e-12)[1]
  if (!is.na(end)) {
    lower[end:length(p)] <- 1 - c(1, free)[end] * (1 - (alpha / 2)^(1 / known[end]))
    upper[end:length(p)] <- 1
  }
  data.frame(time = distinct, p = p, lower = lower, upper = upper, at_risk = at_risk, free = free,
             competing = taken(other))
}

variance_beyond <- function(found, cause) {
  curve <- found[[grep(paste0(" ", cause, "$"), names(found))]]
  tail(curve$var, 1)
}

incidence_at <- function(curve, t) {
  none <- list(p = NA, lower = NA, upper = NA)
  if (is.null(curve)) return(none)
  step <- sum(curve$time <= t + near(curve$time))
  ahead <- which(curve$time >= t - near(curve$time))[1]
  at_risk <- if (is.na(ahead)) 0 else curve$at_risk[ahead]
  if (at_risk == 0 && c(1, curve$free)[step + 1] > 0) return(none)
  if (c(0, curve$p)[step + 1] == 0) {
    before <- if (is.na(ahead)) nrow(curve) else ahead - 1
    known <- at_risk + sum(curve$competing[seq_len(before)])
    return(list(p = 0, lower = 0, upper = 1 - ((1 - study$confidence) / 2)^(1 / known)))
  }
  as.list(curve[step, c("p", "lower", "upper")])
}

gray <- function(time, status, group) {
  if (length(unique(group)) < 2 || !any(status == 1)) return(list(p_value = NA))
  found <- tryCatch(cuminc(time, status, group, cencode = 0)$Tests, error = function(e) NULL)
  if (is.null(found) || !"1" %in% rownames(found)) return(list(p_value = NA))
  if (found["1", "stat"] < 0) return(list(p_value = NA))  # cuminc's -1: a group was not at risk when events happened
  list(statistic = unname(found["1", "stat"]), p_value = unname(found["1", "pv"]))
}

subhazard <- function(time, status, group) {
  none <- list(estimate = NA, lower = NA, upper = NA, p_value = NA)
  if (length(unique(group)) < 2 || any(!c(0, 1) %in% group[status == 1])) return(none)
  if (any(time == 0 & status == 0)) not_covered("Fine-Gray regression of patients censored at time zero, whom crr weighs as gone then")
  for (tolerance in c(1e-10, 1e-8, 1e-6)) {  # as fine as crr will go
    fit <- crr(time, status, group, failcode = 1, cencode = 0, gtol = tolerance, maxiter = 60)
    if (fit$converged) break
  }
  if (!fit$converged) not_covered("Fine-Gray regression that crr could not finish")
  b <- unname(fit$coef)
  se <- sqrt(fit$var[1, 1])
  if (abs(b) > 15 || se < 1e-7) return(none)  # on its way to infinity; or everybody had the event at once
  list(estimate = exp(b), lower = exp(b - z_value() * se), upper = exp(b + z_value() * se), p_value = 2 * pnorm(-abs(b / se)))
}
