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

survival_rows <- function(a, stem, endpoint, analysis, subjects, everything) {
  who <- groups_of(analysis$options, subjects)
  rows <- timed_rows(subjects, endpoint)
  event <- as.numeric(rows$status == 1)
  at <- unlist(analysis$options$at)
  name <- function(variable) paste0(stem, variable)
  curves <- means <- list()
  for (key in labels_of(who)) {
    own <- inside(subjects, who, key) & rows$known
    curve <- kaplan_meier(rows$time[own], event[own])
    curves[[key]] <- if (is.null(curve)) list() else curve
    if (everything) {
      for (i in seq_len(NROW(curve))) put(a, "curve", key, as.list(curve[i, -1]), at = curve$time[i])
      for (tick in unlist(analysis$options$ticks)) {
        before <- rows$time[own] < tick
        put(a, "at_risk", key, list(at_risk = sum(!before), events = sum(before & event[own] == 1),
                                    censored = sum(before & event[own] == 0)), at = tick)
      }
      put(a, "median", key, median_of(curve))
    }
    put(a, name("events"), key, list(n = sum(event[own]), N = sum(own), missing = sum(inside(subjects, who, key) & !rows$known)))
    for (t in at) {
      put(a, name("survival"), key, survival_at(curve, t), at = t)
      means[[paste(key, t)]] <- restricted_mean(curve, t)
      put(a, name("rmst"), key, with_limits(means[[paste(key, t)]][["mean"]], means[[paste(key, t)]][["variance"]]), at = t)
    }
  }
  curve_of <- function(key) if (length(curves[[key]])) curves[[key]] else NULL
  for (pair in who$pairs) {
    label <- pair_name(pair)
    for (t in at) {
      p <- survival_at(curve_of(pair[1]), t)
      q <- survival_at(curve_of(pair[2]), t)
      put(a, name("difference"), label, at = t, list(
        estimate = p$p - q$p, lower = p$p - q$p - sqrt((p$p - p$lower)^2 + (q$upper - q$p)^2),
        upper = p$p - q$p + sqrt((p$upper - p$p)^2 + (q$p - q$lower)^2)))
      m <- means[[paste(pair[1], t)]]
      n <- means[[paste(pair[2], t)]]
      gap <- with_limits(m[["mean"]] - n[["mean"]], m[["variance"]] + n[["variance"]])
      sizes <- vapply(pair, function(key) sum(inside(subjects, who, key) & rows$known), 0)
      gap$p_value <- if (is.na(gap$lower) || small(sizes)) NA else 2 * pnorm(-abs(gap$estimate) / sqrt(m[["variance"]] + n[["variance"]]))
      put(a, name("rmst_difference"), label, gap, at = t)
    }
    both <- rows$known & (inside(subjects, who, pair[1]) | inside(subjects, who, pair[2]))
    time <- rows$time[both]
    died <- event[both]
    first <- as.numeric(subjects[[who$by]][both] == pair[1])
    few <- small(c(sum(first == 1), sum(first == 0)))
    put(a, name("logrank"), label, if (few) list(p_value = NA) else logrank(time, died, first))
    if (everything && !few && length(time) < 50) {
      if (length(time) > 40) skip("a permutation P value estimated by drawing", a, "logrank.permutation")
      else if (sum(died) == 0) put(a, "logrank.permutation", label, list(p_value = NA))
      else put(a, "logrank.permutation", label, permutation_exact(time, died, first))
    }
    hazard_rows(a, stem, label, time, died, first, few, everything)
  }
  if (length(who$keys) > 2) {
    placed <- rows$known & !is.na(subjects[[who$by]])
    sizes <- vapply(who$keys, function(key) sum(subjects[[who$by]][placed] == key), 0)
    put(a, name("logrank"), "arms", if (small(sizes)) list(p_value = NA) else
      logrank(rows$time[placed], event[placed], as.character(subjects[[who$by]][placed])))
  }
}

hazard_rows <- function(a, stem, label, time, died, first, few, everything) {
  if (everything) skip(FIRTH, a, "proportionality")
  try_put(a, paste0(stem, "hazard"), {
    if (sum(died) > 0 && any(!c(0, 1) %in% first[died == 1]) && length(unique(first)) == 2) {
      not_covered(FIRTH)
    }
    fit <- cox(time, died, first)
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
    for (tick in unlist(analysis$options$ticks)) {
      before <- rows$time[own] < tick
      put(a, "at_risk", key, at = tick, list(at_risk = sum(!before), events = sum(before & status == 1),
                                             competing = sum(before & status == 2), censored = sum(before & status == 0)))
    }
    put(a, "events", key, list(n = sum(status == 1), N = sum(own), competing = sum(status == 2)))
  }
  for (pair in who$pairs) {
    both <- rows$known & (inside(subjects, who, pair[1]) | inside(subjects, who, pair[2]))
    first <- as.numeric(subjects[[who$by]][both] == pair[1])
    few <- small(c(sum(first == 1), sum(first == 0)))
    put(a, "gray", pair_name(pair), if (few) list(p_value = NA) else gray(rows$time[both], rows$status[both], first))
    try_put(a, "subhazard", {
      found <- subhazard(rows$time[both], rows$status[both], first)
      if (few) found$p_value <- NA
      put(a, "subhazard", pair_name(pair), found, iterated = TRUE)
    })
  }
  if (length(who$keys) > 2) {
    placed <- rows$known & !is.na(subjects[[who$by]])
    sizes <- vapply(who$keys, function(key) sum(subjects[[who$by]][placed] == key), 0)
    put(a, "gray", "arms", if (small(sizes)) list(p_value = NA) else
      gray(rows$time[placed], rows$status[placed], as.character(subjects[[who$by]][placed])))
  }
}
