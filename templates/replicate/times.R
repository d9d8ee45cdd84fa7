# ---- Analyses of times: survival, sensitivity, follow-up, cumulative incidence -----------------------------------------------

timed_rows <- function(subjects, endpoint) {
  time <- subjects[[paste0(endpoint, ".time")]]
  if (is.null(time)) not_covered("an endpoint that rests on derived columns")
  status <- subjects[[paste0(endpoint, ".status")]]
  known <- !is.na(time) & !is.na(status)
  distinct <- sort(unique(time[known]))
  start <- distinct[c(TRUE, diff(distinct) > near(distinct))]  # times closer than rounding are one
  time[known] <- start[findInterval(time[known], start)]
  list(known = known, time = time, status = status)
}

ANALYSES$survival <- function(a, analysis, frames) {
  survival_rows(a, "", analysis$options$endpoint, analysis, frames$subjects, everything = TRUE)
}

ANALYSES$sensitivity <- function(a, analysis, frames) {
  for (endpoint in unique(unlist(analysis$options$endpoints))) {
    try_put(a, paste0(endpoint, "."), survival_rows(a, paste0(endpoint, "."), endpoint, analysis, frames$subjects, FALSE))
  }
}

# times of the numbers at risk: those declared, else equal steps from 0 to the first beyond all of follow-up, seven at most
ticks_of <- function(analysis, time, endpoint) {
  if ("ticks" %in% names(analysis$options)) return(unlist(analysis$options$ticks))
  if (!length(time) || max(time) <= 0) return(NULL)
  unit <- study$endpoints[[endpoint]]$unit
  steps <- list(days = c(1, 2, 5, 7, 14, 30, 60, 90, 180, 365, 1000 * 2^(-1:20)), weeks = c(1, 2, 4, 8, 12, 26, 52 * 2^(0:20)),
                months = c(1, 2, 3, 6, 12, 24, 36, 60, 120 * 2^(0:20)), years = c(1 / 4, 1 / 2, 1, 2, 5, 10 * 2^(0:20)))
  step <- Find(function(step) max(time) <= 7 * step, steps[[if (is.null(unit)) "months" else unit]])
  seq(0, ceiling(max(time) / step - 1e-9)) * step
}

survival_rows <- function(a, stem, endpoint, analysis, subjects, everything) {
  rows <- timed_rows(subjects, endpoint)
  who <- groups_of(analysis$options, subjects)
  rows$event <- as.numeric(rows$status == 1)
  since <- analysis$options$landmark
  if (!is.null(since)) {
    later <- rows$known & rows$time > since + near(unique(rows$time[rows$known]))
    for (key in labels_of(who)) put(a, "landmark", key, at = since, list(
      n = sum(inside(subjects, who, key) & later), N = sum(inside(subjects, who, key) & rows$known)))
  } else later <- rows$known
  missing <- function(key) sum(inside(subjects, who, key) & !rows$known)
  at <- unlist(analysis$options$at)
  name <- function(variable) paste0(stem, variable)
  rows$time <- if (is.null(since)) rows$time else rows$time - since
  curves <- means <- list()
  for (key in labels_of(who)) {
    own <- inside(subjects, who, key) & later
    time <- rows$time[own]
    event <- rows$event[own]
    curve <- kaplan_meier(time, event)
    curves[[key]] <- if (is.null(curve)) list() else curve
    if (everything) {
      for (i in seq_len(NROW(curve))) put(a, "curve", key, as.list(curve[i, -1]), at = curve$time[i])
      for (tick in ticks_of(analysis, rows$time[later], endpoint)) {
        before <- time < tick
        put(a, "at_risk", key, list(at_risk = sum(!before), events = sum(before & event == 1),
                                    censored = sum(before & event == 0)), at = tick)
      }
      put(a, "median", key, median_of(curve))
    }
    put(a, name("events"), key, list(n = sum(event), N = sum(own), missing = missing(key)))
    if (any(rows$status[later] == 2)) put(a, name("events"), key, list(competing = sum(rows$status[own] == 2)))
    for (t in at) {
      put(a, name("survival"), key, survival_at(curve, t), at = t)
      means[[paste(key, t)]] <- c(restricted_mean(curve, t), size = sum(own))
      own_mean <- means[[paste(key, t)]]
      put_means(a, name, "rmst", key, t, sum(own), with_limits(own_mean[["mean"]], own_mean[["variance"]]),
                mean_between(time, event, own_mean[["mean"]], t))
    }
  }
  curve_of <- function(key) if (length(curves[[key]])) curves[[key]] else NULL
  for (pair in who$pairs) {
    label <- pair_name(pair)
    both <- later & (inside(subjects, who, pair[1]) | inside(subjects, who, pair[2]))
    first <- as.numeric(grouping(subjects[[who$by]])[both] == pair[1])
    for (t in at) {
      p <- survival_at(curve_of(pair[1]), t)
      q <- survival_at(curve_of(pair[2]), t)
      put(a, name("difference"), label, at = t, if (study$methods$rate_difference == "greenwood")
        greenwood(curve_of(pair[1]), curve_of(pair[2]), p, q, t) else list(
        estimate = p$p - q$p, lower = p$p - q$p - sqrt((p$p - p$lower)^2 + (q$upper - q$p)^2),
        upper = p$p - q$p + sqrt((p$upper - p$p)^2 + (q$p - q$lower)^2)))
      m <- means[[paste(pair[1], t)]]
      n <- means[[paste(pair[2], t)]]
      variance <- m[["variance"]] + n[["variance"]]
      gap <- with_limits(m[["mean"]] - n[["mean"]], variance)
      few <- small(c(m[["size"]], n[["size"]]))
      gap$p_value <- if (is.na(gap$lower) || few) NA else 2 * pnorm(-abs(gap$estimate) / sqrt(variance))
      put_means(a, name, "rmst_difference", label, t, min(m[["size"]], n[["size"]]), gap, {
        found <- mean_permutation(rows$time[both], rows$event[both], first, t, gap$estimate, variance)
        if (few) found$p_value <- NA
        found
      })
    }
    of <- stratum_of(analysis, subjects, both)
    time <- rows$time[both][!is.na(of)]
    died <- rows$event[both][!is.na(of)]
    first <- first[!is.na(of)]
    of <- if (is.null(analysis$options$strata)) NULL else of[!is.na(of)]
    few <- small(c(sum(first == 1), sum(first == 0)))
    put_logrank(a, name("logrank"), label, time, died, first, of, few, everything)
    if (is.null(of) && everything && !few && length(time) < 50 && study$methods$logrank_test != "permutation") {
      try_put(a, "logrank.permutation", put(a, "logrank.permutation", label, permuted(time, died, first)))
    }
    hazard_rows(a, stem, label, time, died, first, few, everything, of)
  }
  if (everything && !is.null(analysis$options$strata)) for (key in labels_of(who)) {
    of <- stratum_of(analysis, subjects, inside(subjects, who, key) & later)
    put(a, "strata", key, list(n = sum(!is.na(of)), missing = sum(is.na(of))))
  }
  if (length(who$keys) > 2) {
    placed <- later & !is.na(grouping(subjects[[who$by]])) & !is.na(stratum_of(analysis, subjects, TRUE))
    group <- as.character(grouping(subjects[[who$by]])[placed])
    of <- if (is.null(analysis$options$strata)) NULL else stratum_of(analysis, subjects, placed)
    few <- small(vapply(who$keys, function(key) sum(group == key), 0))
    put_logrank(a, name("logrank"), "arms", rows$time[placed], rows$event[placed], group, of, few, everything)
    if (isTRUE(analysis$options$trend)) put(a, "trend", "arms", if (few) list(p_value = NA) else
      logrank_trend(rows$time[placed], rows$event[placed], match(group, who$keys), of))
  }
}

# Levels of the column that the analysis is stratified by, in the rows kept; all one level without such a column.
stratum_of <- function(analysis, subjects, rows) {
  if (is.null(analysis$options$strata)) return(rep("all", nrow(subjects))[rows])
  as.character(subjects[[analysis$options$strata]])[rows]
}

# The test of curves: stratified, by permutation or plain; beside the first two stands the plain one.
put_logrank <- function(a, variable, label, time, event, group, strata, few, everything) {
  if (few) return(put(a, variable, label, list(p_value = NA)))
  plain <- logrank(time, event, group)
  chosen <- study$methods$logrank_test == "permutation"
  if (!is.null(strata)) put(a, variable, label, logrank(time, event, group, strata))
  else if (chosen) try_put(a, variable, put(a, variable, label, permuted(time, event, group)))
  else return(put(a, variable, label, plain))
  if (everything && !is.na(plain$p_value)) put(a, paste0(variable, ".alternative"), label, list(p_value = plain$p_value), "log-rank")
}

permuted <- function(time, event, group) {
  if (sum(event) == 0 || length(unique(group)) < 2) return(list(p_value = NA))
  if (length(unique(group)) > 2 || length(time) > 40) not_covered(DRAWN)
  permutation_exact(time, event, group)
}

# A restricted mean at its address: normal limits, those for small groups, or both, as [methods] says.
put_means <- function(a, name, variable, group, t, size, normal, small_sample) {
  chosen <- study$methods$rmst_interval
  if (chosen != "small-sample") put(a, name(variable), group, normal, at = t)
  if (chosen == "small-sample" || (chosen == "auto" && size > 0 && size < NORMAL_FROM)) {
    address <- if (chosen == "auto") name(paste0(variable, ".small")) else name(variable)
    try_put(a, address, put(a, address, group, small_sample, at = t))
  }
}

hazard_rows <- function(a, stem, label, time, died, first, few, everything, strata) {
  if (everything) skip(FIRTH, a, "proportionality")
  try_put(a, paste0(stem, "hazard"), {
    if (sum(died) > 0 && any(!c(0, 1) %in% first[died == 1]) && length(unique(first)) == 2) {
      not_covered(FIRTH)
    }
    fit <- cox(time, died, first, strata)
    found <- ratio_of(fit)
    if (few) found$p_value <- NA
    put(a, paste0(stem, "hazard"), label, found, iterated = TRUE)
    if (everything) put(a, "proportionality", label, if (few) list(p_value = NA) else proportional(fit), iterated = TRUE)
  })
}

ANALYSES$followup <- function(a, analysis, frames) {
  subjects <- frames$subjects
  who <- groups_of(analysis$options, subjects)
  rows <- timed_rows(subjects, analysis$options$endpoint)
  for (key in labels_of(who)) {
    own <- inside(subjects, who, key) & rows$known
    curve <- kaplan_meier(rows$time[own], as.numeric(rows$status[own] == 0))
    put(a, "median", key, median_of(curve))
    put_summary(a, "range", key, rows$time[own], c("min", "max"))
    put_summary(a, "survivors", key, rows$time[own & rows$status %in% 0], c("n", "min", "max"))
  }
}

ANALYSES$incidence <- function(a, analysis, frames) {
  subjects <- frames$subjects
  who <- groups_of(analysis$options, subjects)
  rows <- timed_rows(subjects, analysis$options$endpoint)
  for (cause in 1:2) for (key in labels_of(who)) {
    variable <- c("incidence", "competing")[cause]
    own <- inside(subjects, who, key) & rows$known
    curve <- incidence(rows$time[own], rows$status[own], cause)
    for (i in seq_len(NROW(curve))) put(a, paste0(variable, "_curve"), key, as.list(curve[i, c("p", "lower", "upper")]), at = curve$time[i])
    for (t in unlist(analysis$options$at)) put(a, variable, key, incidence_at(curve, t), at = t)
  }
  for (key in labels_of(who)) {
    own <- inside(subjects, who, key) & rows$known
    status <- rows$status[own]
    for (tick in ticks_of(analysis, rows$time[rows$known], analysis$options$endpoint)) {
      before <- rows$time[own] < tick
      put(a, "at_risk", key, at = tick, list(at_risk = sum(!before), events = sum(before & status == 1),
                                             competing = sum(before & status == 2), censored = sum(before & status == 0)))
    }
    put(a, "events", key, list(n = sum(status == 1), N = sum(own), competing = sum(status == 2)))
  }
  for (pair in who$pairs) {
    both <- rows$known & (inside(subjects, who, pair[1]) | inside(subjects, who, pair[2]))
    first <- as.numeric(grouping(subjects[[who$by]])[both] == pair[1])
    few <- small(c(sum(first == 1), sum(first == 0)))
    put(a, "gray", pair_name(pair), if (few) list(p_value = NA) else gray(rows$time[both], rows$status[both], first))
    try_put(a, "subhazard", {
      found <- subhazard(rows$time[both], rows$status[both], first)
      if (few) found$p_value <- NA
      put(a, "subhazard", pair_name(pair), found, iterated = TRUE)
    })
  }
  if (length(who$keys) > 2) {
    placed <- rows$known & !is.na(grouping(subjects[[who$by]]))
    sizes <- vapply(who$keys, function(key) sum(grouping(subjects[[who$by]])[placed] == key), 0)
    put(a, "gray", "arms", if (small(sizes)) list(p_value = NA) else
      gray(rows$time[placed], rows$status[placed], as.character(grouping(subjects[[who$by]])[placed])))
  }
}
